import { locateAirflowLog } from '../../../local/log-readers/airflow-location.ts';

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
])('%s belongs to %s', (file, logType, logStream) => {
  expect(locateAirflowLog('/data/logs', `/data/logs/${file}`)).toEqual({
    logType,
    logStream,
    certain: true,
  });
});

test('a path that tells nothing counts as a task, and as uncertain', () => {
  expect(locateAirflowLog('/data/logs', '/data/logs/x/y.log')).toEqual({
    logType: 'Task',
    logStream: 'x/y.log',
    certain: false,
  });
});

test.each([
  ['/data/logs/scheduler', '/data/logs/scheduler/2026-11-22/x.py.log', 'DAGProcessing'],
  ['/data/logs/scheduler/2026-11-22', '/data/logs/scheduler/2026-11-22/x.py.log', 'DAGProcessing'],
  ['/data/logs/worker', '/data/logs/worker/x.log', 'Worker'],
  ['/data/logs/dag_id=a/run_id=b', '/data/logs/dag_id=a/run_id=b/task_id=c/attempt=1.log', 'Task'],
  ['/data/logs/webserver/x.log', '/data/logs/webserver/x.log', 'WebServer'],
])('a root within the logs folder changes nothing: %s', (root, file, logType) => {
  expect(locateAirflowLog(root, file).logType).toBe(logType);
});

test('a folder above the root does not decide', () => {
  expect(locateAirflowLog('/home/worker/logs', '/home/worker/logs/x.log').certain).toBe(false);
});
