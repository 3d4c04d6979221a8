import { cdkCommand, commandNote, configuredBy } from '../../../infra/naming/cdk-commands.ts';

test('a monitor with a file is deployed by the name of its stack, without options', () => {
  const by = configuredBy('prod_airflow', { file: 'live', stack: 'MonitorStack-live' });
  expect(cdkCommand('deploy', by)).toBe('npx cdk deploy MonitorStack-live');
  expect(commandNote(by)).toBe('');
});

test('a monitor without a file is deployed by its options, which name no stack', () => {
  const by = configuredBy('prod-airflow', { stack: 'MonitorStack-prod-airflow' });
  expect(cdkCommand('deploy', by)).toBe(
    'npx cdk deploy -c mwaaEnvironment=prod-airflow -c email=ADDRESS',
  );
  expect(commandNote(by)).toBe(', with every -c of the last deployment');
});

test('a stack that is not named like the environment has a file, also if it is not here', () => {
  const by = configuredBy('prod-airflow', { stack: 'MonitorStack-live' });
  expect(cdkCommand('restore', by)).toBe('npx cdk deploy --revert-drift MonitorStack-live');
});

test.each([
  ['restore', 'npx cdk deploy --revert-drift MonitorStack-live'],
  // `cdk diff` compares two templates, and so shows nothing of it.
  ['showDrift', 'npx cdk drift MonitorStack-live'],
] as const)('what was changed by hand has commands of its own: %s', (action, command) => {
  expect(cdkCommand(action, { kind: 'file', stack: 'MonitorStack-live' })).toBe(command);
});
