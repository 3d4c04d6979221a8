import { createHash, createHmac } from 'node:crypto';
import type { MwaaAccess } from '../../../lambda/aws/mwaa-request.ts';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { getEnvironmentLogging } from '../../../lambda/coverage/environment-facts.ts';
import {
  credentials,
  environmentAnswer,
  fakeFetch,
  healthyMonitor,
} from '../setup/monitor-fixture.ts';

function asked(fetch: MwaaAccess['fetch'], access: Partial<MwaaAccess> = {}) {
  const { shell, timer } = healthyMonitor();
  const mwaa = { ...shell.mwaa, fetch, ...access };
  return getEnvironmentLogging({ ...shell, mwaa }, 'prod', deadlineIn(timer, 10_000));
}

test('each log type has its setting; fields that MWAA adds are ignored', async () => {
  const answer = environmentAnswer({
    TaskLogs: { Enabled: true, LogLevel: 'ERROR' },
    WebserverLogs: { Enabled: false },
    TriggererLogs: { Enabled: true },
  });
  const info = { enabled: true, logLevel: 'INFO' };
  expect(await asked(fakeFetch(200, answer).fetch)).toEqual({
    kind: 'found',
    settings: {
      DAGProcessing: info,
      Scheduler: info,
      Task: { enabled: true, logLevel: 'ERROR' },
      WebServer: { enabled: false, logLevel: undefined },
      Worker: info,
    },
  });
});

test("Airflow's address and version are returned", async () => {
  const { Environment } = environmentAnswer();
  const answer = {
    Environment: { ...Environment, WebserverUrl: 'a.airflow.example.com', AirflowVersion: '3.0.6' },
  };
  expect(await asked(fakeFetch(200, answer).fetch)).toMatchObject({
    airflow: { host: 'a.airflow.example.com', version: '3.0.6' },
  });
});

test('an environment without a logging configuration has no setting for any log type', async () => {
  const unsaid = { enabled: undefined, logLevel: undefined };
  expect(await asked(fakeFetch(200, { Environment: {} }).fetch)).toEqual({
    kind: 'found',
    settings: {
      DAGProcessing: unsaid,
      Scheduler: unsaid,
      Task: unsaid,
      WebServer: unsaid,
      Worker: unsaid,
    },
  });
});

test('the request goes to the API host, signed for MWAA', async () => {
  const { requests, fetch } = fakeFetch(200, environmentAnswer());
  await asked(fetch, { credentials: { ...credentials, sessionToken: 'session' } });
  const request = requests[0];
  expect(request?.url.href).toBe('https://api.airflow.eu-west-1.amazonaws.com/environments/prod');
  const { headers } = request ?? { headers: new Headers() };
  const date = headers.get('x-amz-date') ?? '';
  const scope = `${date.slice(0, 8)}/eu-west-1/airflow/aws4_request`;
  // Signature version 4 as AWS documents it, computed without the signer.
  const canonicalRequest = [
    'GET',
    '/environments/prod',
    '',
    'accept:application/json',
    'host:api.airflow.eu-west-1.amazonaws.com',
    `x-amz-content-sha256:${headers.get('x-amz-content-sha256')}`,
    `x-amz-date:${date}`,
    'x-amz-security-token:session',
    '',
    'accept;host;x-amz-content-sha256;x-amz-date;x-amz-security-token',
    createHash('sha256').digest('hex'),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    date,
    scope,
    createHash('sha256').update(canonicalRequest).digest('hex'),
  ].join('\n');
  const key = [...scope.split('/'), toSign].reduce<string | Buffer>(
    (secret, text) => createHmac('sha256', secret).update(text).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  expect(headers.get('authorization')).toBe(
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
      'SignedHeaders=accept;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, ' +
      `Signature=${key.toString('hex')}`,
  );
});

test('a configured endpoint is used as it is, with its port and path', async () => {
  const { requests, fetch } = fakeFetch(200, environmentAnswer());
  await asked(fetch, { endpoint: 'http://127.0.0.1:4566/mwaa/' });
  expect(requests[0]?.url.href).toBe('http://127.0.0.1:4566/mwaa/environments/prod');
});

test('an environment that does not exist is not found, rather than unknown', async () => {
  const { fetch, requests } = fakeFetch(
    404,
    { message: 'No environment prod' },
    'ResourceNotFoundException',
  );
  expect(await asked(fetch)).toEqual({ kind: 'not-found' });
  expect(requests).toHaveLength(1);
});

test('a 404 from anything but MWAA is not an answer about the environment', async () => {
  expect(await asked(fakeFetch(404, '<html>').fetch)).toEqual({
    kind: 'unknown',
    isPassing: false,
    reason: 'GetEnvironment failed: HttpStatus404: HTTP status 404',
  });
});

test("a denied call is unknown, with the service's message, and is not retried", async () => {
  const { fetch, requests } = fakeFetch(
    403,
    { message: 'not authorized to perform airflow:GetEnvironment' },
    'AccessDeniedException:http://internal.amazon.com/coral/com.amazonaws.mwaa/',
  );
  expect(await asked(fetch)).toEqual({
    kind: 'unknown',
    isPassing: false,
    reason:
      'GetEnvironment failed: AccessDeniedException: not authorized to perform airflow:GetEnvironment',
  });
  expect(requests).toHaveLength(1);
});

test.each([
  ['is not JSON', 'gone', 'a body that is not JSON'],
  ['holds no environment', { Env: {} }, 'field "Environment": .*, got nothing'],
  [
    'has another shape',
    environmentAnswer({ TaskLogs: { Enabled: 'yes' as unknown as boolean } }),
    'field "Environment.LoggingConfiguration.TaskLogs.Enabled": .*, got "yes"',
  ],
])('an answer that %s is unknown, with what is wrong', async (_, body, reason) => {
  expect(await asked(fakeFetch(200, body).fetch)).toEqual({
    kind: 'unknown',
    isPassing: false,
    reason: expect.stringMatching(reason),
  });
});

test.each([
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
])('status %i is retried', async (status, errorType) => {
  const answers = [fakeFetch(status, {}, errorType), fakeFetch(200, environmentAnswer())];
  const fetch: MwaaAccess['fetch'] = (url, init) =>
    answers.shift()?.fetch(url as string, init) ?? Promise.reject(new Error('asked too often'));
  expect(await asked(fetch)).toMatchObject({ kind: 'found' });
});

test('a call without an answer is retried until the time runs out, then unknown', async () => {
  let attempts = 0;
  const fetch = async () => {
    attempts += 1;
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    throw new TypeError('fetch failed', { cause: refused });
  };
  expect(await asked(fetch)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('no answer from https://api.airflow.eu-west-1'),
  });
  expect(attempts).toBeGreaterThan(3);
});

test('a call that times out is retried three times, then unknown', async () => {
  let attempts = 0;
  const fetch = async () => {
    attempts += 1;
    throw new DOMException('The operation timed out', 'TimeoutError');
  };
  expect(await asked(fetch)).toMatchObject({ kind: 'unknown' });
  expect(attempts).toBe(4);
});
