import { locateAirflowLog } from '../../../../local/log-readers/formats/airflow-location.ts';
import { growth, linearGrowth } from '../../../counted-steps.ts';

test.each([
  [
    'dag_id=sales/run_id=manual__2025-12-18T09:27:20.621130+00:00/task_id=load/attempt=5.log',
    'Task',
    'dag_id=sales/run_id=manual__2025-12-18T09_27_20.621130+00_00/task_id=load/attempt=5.log',
  ],
  [
    'dag_id=a/run_id=b/task_id=c/map_index=3/attempt=1.log.gz',
    'Task',
    'dag_id=a/run_id=b/task_id=c/map_index=3/attempt=1.log',
  ],
  [
    'dag_id=worker/run_id=scheduler/task_id=webserver/attempt=1.log',
    'Task',
    'dag_id=worker/run_id=scheduler/task_id=webserver/attempt=1.log',
  ],
  [
    'sales/load/2021-05-26T10:35:50+00:00/1.log',
    'Task',
    'sales/load/2021-05-26T10_35_50+00_00/1.log',
  ],
  ['scheduler/2026-11-22/worker_dag.py.log', 'DAGProcessing', 'scheduler_worker_dag.py.log'],
  ['scheduler/2026-11-22/native_dags/x/y.py.log', 'DAGProcessing', 'scheduler_y.py.log'],
  [
    'dag_processor/2026-11-22/dags-folder/x.py.log',
    'DAGProcessing',
    'scheduler_dag_processor_x.py.log',
  ],
  ['dag_processor_manager/dag_processor_manager.log', 'DAGProcessing', 'dag_processor_manager.log'],
  ['scheduler/scheduler.log', 'Scheduler', 'scheduler_scheduler.log'],
  ['airflow-scheduler.err', 'Scheduler', 'airflow-scheduler.err'],
  ['triggerer/a.log', 'Scheduler', 'triggerer_a.log'],
  ['webserver/gunicorn.log', 'WebServer', 'webserver_gunicorn.log'],
  ['api-server.log', 'WebServer', 'api-server.log'],
  ['worker/host-1/celery.log', 'Worker', 'worker_host-1_celery.log'],
  ['worker_vm_1795326412.123.log', 'Worker', 'worker_vm_1795326412.123.log'],
  ['attempt=1.log', 'Task', 'attempt=1.log'],
  [
    'worker/load/2021-05-26T10:35:50+00:00/1.log',
    'Task',
    'worker/load/2021-05-26T10_35_50+00_00/1.log',
  ],
  ['access.log', 'WebServer', 'access.log'],
  ['i-0abc-access_log-20261122', 'WebServer', 'i-0abc-access_log-20261122'],
  ['prod-scheduler.log.1', 'Scheduler', 'prod-scheduler.log.1'],
  ['airflow-worker-0.log', 'Worker', 'airflow-worker-0.log'],
  ['celery-worker.err', 'Worker', 'celery-worker.err'],
  ['dag-processor.log', 'DAGProcessing', 'dag-processor.log'],
  ['dag-processor-manager.log', 'DAGProcessing', 'dag-processor-manager.log'],
  ['scheduler_user_admin.py.log', 'DAGProcessing', 'scheduler_user_admin.py.log'],
  ['scheduler_dag_processor_x.log', 'DAGProcessing', 'scheduler_dag_processor_x.log'],
  ['airflow-prod-Task_1795330000.txt', 'Task', 'airflow-prod-Task_1795330000.txt'],
  [
    'airflow-prod-Worker/0a/startup_script_execution_x.log/000000.gz',
    'Worker',
    'startup_script_execution_x.log',
  ],
  [
    '453054b5/webserver_ip-10-0-13-146.eu-west-1.compute.internal_1795320000.1.log/000000.gz',
    'WebServer',
    'webserver_ip-10-0-13-146.eu-west-1.compute.internal_1795320000.1.log',
  ],
  [
    '453054b5/dag_id=a-b-run_id=m__2026-11-22T05_49_00+00_00-task_id=t-attempt=1.log/000000.gz',
    'Task',
    'dag_id=a-b/run_id=m__2026-11-22T05_49_00+00_00/task_id=t/attempt=1.log',
  ],
])('%s belongs to %s', (file, logType, logStream) => {
  expect(locateAirflowLog('/data/logs', `/data/logs/${file}`)).toMatchObject({
    logType,
    logStream,
  });
});

test('a path without a hint has no log type', () => {
  expect(locateAirflowLog('/data/logs', '/data/logs/x/y.log')).toEqual({
    logType: undefined,
    logStream: 'x/y.log',
  });
});

test.each([
  'airflow.log',
  'logs.txt',
  'task-on-worker-in-a-queue.log',
  'scheduler_cleanup_dag.log',
  'webserver-admin-export.txt',
  'coworker.log',
  'accessible.log',
  'scheduler_webserver_1795326412.log',
  // Three log groups have streams of these names.
  'startup_script_execution_vm_1795326412.log',
  'requirements_install_vm_1795326412.log',
])('%s could be of any type', (file) => {
  expect(locateAirflowLog('/data/logs', `/data/logs/${file}`).logType).toBeUndefined();
});

test.each([
  ['/data/logs/scheduler', '/data/logs/scheduler/2026-11-22/x.py.log', 'DAGProcessing'],
  ['/data/logs/scheduler/2026-11-22', '/data/logs/scheduler/2026-11-22/x.py.log', 'DAGProcessing'],
  ['/data/logs/worker', '/data/logs/worker/x.log', 'Worker'],
  ['/data/logs/dag_id=a/run_id=b', '/data/logs/dag_id=a/run_id=b/task_id=c/attempt=1.log', 'Task'],
  ['/data/logs/webserver/x.log', '/data/logs/webserver/x.log', 'WebServer'],
])('a root inside the logs folder gives the same result: %s', (root, file, logType) => {
  expect(locateAirflowLog(root, file).logType).toBe(logType);
});

test('a folder above the root does not decide', () => {
  expect(locateAirflowLog('/home/worker/logs', '/home/worker/logs/x.log').logType).toBeUndefined();
});

test.each(['worker', 'access', 'scheduler_'])(
  'the work grows linearly with the length of a name that starts with %s',
  (name) => {
    const reading = (size: number) => {
      const file = `/data/logs/${name}${'1'.repeat(size)}${'-1'.repeat(size)}x`;
      return () => void locateAirflowLog('/data/logs', file);
    };
    expect(growth(reading, 50)).toBeLessThan(linearGrowth);
  },
);
