import { actorOf, originOf } from '../../../lambda/model/actor.ts';

const inGroup = (logType: string, logStream: string, user?: string) =>
  actorOf({ logGroup: `airflow-prod-${logType}`, logStream }, user);

describe('the actor', () => {
  test("is in a task stream's name", () => {
    expect(
      inGroup(
        'Task',
        'dag_id=grant_admin/run_id=manual__2025-12-18T09_27_20.621130+00_00/task_id=promote/attempt=5.log',
      ),
    ).toEqual({
      dag: 'grant_admin',
      run: 'manual__2025-12-18T09_27_20.621130+00_00',
      task: 'promote',
      attempt: 5,
    });
  });

  test('may be one of many mapped tasks', () => {
    expect(inGroup('Task', 'dag_id=a/run_id=b/task_id=c/map_index=7/attempt=2.log')).toEqual({
      dag: 'a',
      run: 'b',
      task: 'c',
      mapIndex: 7,
      attempt: 2,
    });
  });

  test('may be the trigger of a deferred task', () => {
    expect(
      inGroup('Task', 'dag_id=a/run_id=b/task_id=c/attempt=2.log.trigger.45.log'),
    ).toMatchObject({ dag: 'a', task: 'c', attempt: 2 });
  });

  test("has the DAG that MWAA wrote, whatever the run's name", () => {
    expect(
      inGroup(
        'Task',
        'dag_id=evil/run_id=x/task_id=y/dag_id=good/run_id=z/task_id=t/attempt=1.log',
      ),
    ).toMatchObject({ dag: 'evil', task: 't' });
  });

  test('is in the stream names of Airflow before 2.3, too', () => {
    expect(inGroup('Task', 'my_dag/my_task/2022-08-16T10_54_46.000000+00_00/1.log')).toEqual({
      dag: 'my_dag',
      run: '2022-08-16T10_54_46.000000+00_00',
      task: 'my_task',
      attempt: 1,
    });
  });

  test('has a DAG only in the Task group, whose stream names authors cannot choose', () => {
    expect(inGroup('Worker', 'dag_id=a/run_id=b/task_id=c/attempt=1.log')).toEqual({});
  });

  test.each([
    ['scheduler_payroll.py.log', 'payroll.py'],
    ['scheduler_dag_processor_payroll.py.log', 'payroll.py'],
    ['scheduler_team/payroll.py.log', 'team/payroll.py'],
    ['dag_processor/2026-03-01/dags-folder/payroll.py.log', 'payroll.py'],
    ['dag_processor/2026-03-01/dags-folder/team/payroll.py.log', 'team/payroll.py'],
  ])('is a DAG file while it is parsed: %s', (logStream, dagFile) => {
    expect(inGroup('DAGProcessing', logStream)).toEqual({ dagFile });
  });

  test.each([
    'dag_processor_manager.log',
    'dag-processor-manager.log',
    'dag_processor/latest/dags-folder.log',
  ])('is not a DAG file in %s', (name) => {
    expect(inGroup('DAGProcessing', name)).toEqual({});
  });

  test('is the user that an access line names', () => {
    expect(inGroup('WebServer', 'webserver_vm_1.log', 'admin')).toEqual({ user: 'admin' });
  });
});

describe('the origin', () => {
  test.each([
    ['Task', 'dag_id=a/run_id=b/task_id=c/attempt=1.log', 'task'],
    ['DAGProcessing', 'scheduler_x.py.log', 'dag-file'],
    ['Scheduler', 'startup_script_execution_vm_1.5.log', 'startup-script'],
    ['WebServer', 'startup_script_execution_vm_1.5.log', 'startup-script'],
    ['WebServer', 'webserver_vm_1.log', 'web-server'],
    ['Worker', 'worker_vm_1.log', 'service'],
  ])('of %s, %s is %s', (logType, logStream, origin) => {
    expect(originOf({ logGroup: `airflow-prod-${logType}`, logStream })).toBe(origin);
  });
});
