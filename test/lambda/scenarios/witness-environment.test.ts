import { readWitnessEnvironment } from '../../../lambda/runtime-environment.ts';
import { witnessConfig } from '../setup/witness-fixture.ts';

const variables = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

function read(changes: Record<string, unknown> = {}, more: Record<string, string> = {}) {
  const config = JSON.stringify({ ...witnessConfig, ...changes });
  return readWitnessEnvironment({ ...variables, WITNESS_CONFIG: config, ...more });
}

test('the witness reaches into the environment by the host prefix env.', () => {
  expect(read()).toMatchObject({
    config: witnessConfig,
    mwaaEndpoint: 'https://env.airflow.eu-west-1.amazonaws.com',
  });
  expect(read({}, { AWS_ENDPOINT_URL_MWAA: 'http://localhost:4566' }).mwaaEndpoint).toBe(
    'http://localhost:4566',
  );
});

test.each([
  [{ auditLog: false, snapshot: false }, /field "auditLog": must be true, or snapshot must be/],
  [{ airflowVersion: '3.0.6' }, /field "snapshot": must be false for Airflow 3/],
  [{ airflowVersion: '3' }, /field "airflowVersion": must be a version like 2\.10\.3/],
  [{ everyMinutes: 0 }, /field "everyMinutes"/],
  [{ role: 'Admin' }, /role/],
])('%j is refused', (changes, message) => {
  expect(() => read(changes)).toThrow(message);
});

test('Airflow 3 is read without the snapshot', () => {
  expect(read({ airflowVersion: '3.0.6', snapshot: false }).config.auditLog).toBe(true);
});
