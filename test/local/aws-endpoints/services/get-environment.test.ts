import { memoryEngine } from '../memory-engine.ts';
import { endpoints, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

const allTypes = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'];

async function getEnvironment(
  name: string,
  { types = allTypes, ...options }: { types?: string[]; environmentLogging?: object } = {},
) {
  const engine = memoryEngine(
    undefined,
    types.map((type) => `airflow-prod-${type}`),
  );
  const { url } = await endpoints({ engine, ...options });
  const response = await fetch(`${url}/environments/${name}`);
  return {
    status: response.status,
    type: response.headers.get('x-amzn-errortype'),
    body: await response.json(),
  };
}

test('an environment logs the five types whose groups exist, at INFO', async () => {
  const { status, body } = await getEnvironment('prod');
  expect(status).toBe(200);
  expect(body.Environment).toMatchObject({ Name: 'prod', Status: 'AVAILABLE' });
  expect(Object.keys(body.Environment.LoggingConfiguration)).toEqual([
    'DagProcessingLogs',
    'SchedulerLogs',
    'TaskLogs',
    'WebserverLogs',
    'WorkerLogs',
  ]);
  expect(body.Environment.LoggingConfiguration.TaskLogs).toEqual({
    Enabled: true,
    LogLevel: 'INFO',
    CloudWatchLogGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:airflow-prod-Task:*',
  });
});

test('a type without a log group is disabled', async () => {
  const { body } = await getEnvironment('prod', { types: ['Task'] });
  expect(body.Environment.LoggingConfiguration.WorkerLogs).toEqual({
    Enabled: false,
    LogLevel: 'INFO',
  });
});

test('a configured log type overrides the derived one', async () => {
  const environmentLogging = { Worker: { LogLevel: 'ERROR' }, Task: { Enabled: false } };
  const { body } = await getEnvironment('prod', { environmentLogging });
  expect(body.Environment.LoggingConfiguration).toMatchObject({
    WorkerLogs: { Enabled: true, LogLevel: 'ERROR' },
    TaskLogs: { Enabled: false, LogLevel: 'INFO' },
  });
});

test.each(['test', 'prod-2', 'pro'])(
  'an environment %s without log groups is not found',
  async (name) => {
    expect(await getEnvironment(name)).toMatchObject({
      status: 404,
      type: 'ResourceNotFoundException',
      body: { message: `Environment ${name} not found` },
    });
  },
);

test('a name that MWAA does not allow is refused', async () => {
  expect(await getEnvironment('1%20')).toMatchObject({ status: 400, type: 'ValidationException' });
});
