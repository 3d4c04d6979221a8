import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';
import { type App, Stack } from 'aws-cdk-lib/core';
import { addMonitors } from '../../infra/add-monitors.ts';
import { newApp, withoutBundling } from './synthesized.ts';
import { resourcesOf, statementsOf, type TemplateJson } from './template-walk.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

const work = mkdtempSync(join(tmpdir(), 'airflow-app-'));
/** The stacks of a file get its name; those of the shipped example are named `example`. */
const examplePath = join(work, 'example.yaml');
copyFileSync(join(projectRoot, 'docs/environments/hardened.yaml'), examplePath);
afterAll(() => rmSync(work, { recursive: true }));

/** An app with the shipped example, as `-c environmentFile=` reads it. */
function exampleApp(): App {
  const app = newApp({ ...withoutBundling, environmentFile: examplePath });
  addMonitors(app, work);
  return app;
}

const example = exampleApp().synth();

test('a file with the section airflow gives a key stack, an environment stack and its monitor', () => {
  expect(example.stacks.map(({ stackName }) => stackName)).toEqual([
    'AirflowKey-example',
    'AirflowEnvironment-example',
    'MonitorStack-example',
  ]);
});

test("the monitor may read through CloudWatch Logs what the environment's key encrypts", () => {
  const monitor = example.getStackByName('MonitorStack-example').template as TemplateJson;
  const statements = resourcesOf(monitor, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    statementsOf(Properties.PolicyDocument),
  );
  expect(statements).toContainEqual(
    expect.objectContaining({
      Sid: 'ReadEncryptedLogsThroughCloudWatchLogs',
      Resource: expect.arrayContaining([
        { 'Fn::ImportValue': expect.stringContaining('AirflowKey-example:') },
      ]),
    }),
  );
});

test("the environment and its monitor depend on the key's stack only", () => {
  const waits = example.stacks.map(({ stackName, dependencies }) => [
    stackName,
    dependencies.map(({ id }) => id).filter((id) => !id.endsWith('.assets')),
  ]);
  expect(Object.fromEntries(waits)).toEqual({
    'AirflowKey-example': [],
    'AirflowEnvironment-example': ['AirflowKey-example'],
    'MonitorStack-example': ['AirflowKey-example'],
  });
});

test('cdk-nag accepts an environment that logs at DEBUG, as it accepts the example, at INFO', () => {
  expect(() => withLogLevel('DEBUG').synth()).not.toThrow();
});

test.each(['WARNING', 'CRITICAL'])('cdk-nag refuses an environment that logs at %s', (level) => {
  expect(() => withLogLevel(level).synth()).toThrow('MWAAAllLoggingInfo');
});

/** The example with one log type at another level. */
function withLogLevel(logLevel: string): App {
  const app = exampleApp();
  const environment = app.node.findAll().find((node) => node instanceof CfnEnvironment);
  if (environment === undefined) throw new Error('the example has an environment');
  environment.loggingConfiguration = {
    ...(environment.loggingConfiguration as CfnEnvironment.LoggingConfigurationProperty),
    workerLogs: { enabled: true, logLevel },
  };
  return app;
}

test('without any environment the example can be shown, and other commands say so', () => {
  const app = newApp({
    // A pattern that no stack matches: an empty list is how the CDK CLI runs commands like bootstrap.
    'aws:cdk:bundling-stacks': ['none'],
    // As the CDK CLI does, which reports the errors of the selected stacks.
    '@aws-cdk/core:failSynthOnValidationErrors': false,
  });
  const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  addMonitors(app, join(projectRoot, 'no-such-folder'));
  const { stacks } = app.synth();
  print.mockRestore();
  const errors = stacks.map(({ stackName, messages }) => [
    stackName,
    messages.filter(({ level }) => level === 'error').map(({ entry }) => String(entry.data)),
  ]);
  expect(Object.fromEntries(errors)).toEqual({
    NoEnvironmentYet: [expect.stringContaining('npx privilege-monitor init --discover')],
    'AirflowKey-example': [],
    'AirflowEnvironment-example': [],
    'MonitorStack-example': [],
  });
});

test('a missing list of DAG writers causes a warning', () => {
  const environmentFile = join(work, 'prod.yaml');
  writeFileSync(
    environmentFile,
    'mwaaEnvironment: prod\nnotify: { email: [a@example.com] }\nairflow: { airflowVersion: 3.0.6 }\n',
  );
  const app = newApp({ ...withoutBundling, environmentFile });
  addMonitors(app, work);
  const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { messages } = app.synth().getStackByName('AirflowEnvironment-prod');
  print.mockRestore();
  expect(messages.map(({ entry }) => String(entry.data))).toEqual([
    expect.stringContaining('airflow.dagWriters: is not set'),
  ]);
});

test('the example cannot be deployed by mistake: its account is one from AWS’s documentation', () => {
  const accounts = exampleApp()
    .node.findAll()
    .filter((node) => Stack.isStack(node))
    .map(({ account }) => account);
  expect(new Set(accounts)).toEqual(new Set(['111122223333']));
});
