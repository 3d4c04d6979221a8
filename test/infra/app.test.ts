import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Stack } from 'aws-cdk-lib/core';
import { addMonitors } from '../../infra/add-monitors.ts';
import { alarmNames } from '../../infra/naming/names.ts';
import { newApp, withoutBundling } from './synthesized.ts';
import { resourcesOf, type TemplateJson } from './template-walk.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(work, { recursive: true }));

for (const name of ['alpha', 'beta', 'gamma_1']) {
  writeFileSync(
    join(work, `${name.replace('_', '-')}.yaml`),
    `mwaaEnvironment: ${name}\nnotify: { email: [a@example.com] }\n`,
  );
}

/** Without home, profile and network: only the PATH to find node. */
function runApp(...args: string[]) {
  const outdir = join(work, 'cdk.out');
  const run = spawnSync(process.execPath, ['infra/app.ts', ...args], {
    cwd: projectRoot,
    env: {
      ...{ PATH: process.env.PATH, HOME: work, CDK_OUTDIR: outdir },
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    },
    encoding: 'utf8',
  });
  return { ...run, outdir };
}

describe('three environment files', () => {
  const app = newApp(withoutBundling);
  const stacks = addMonitors(app, work);
  const assembly = app.synth();
  const templates = stacks.map(
    ({ artifactId }) => assembly.getStackArtifact(artifactId).template as TemplateJson,
  );

  test('give three stacks', () => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual([
      'MonitorStack-alpha',
      'MonitorStack-beta',
      'MonitorStack-gamma-1',
    ]);
  });

  test('share no name, so that they fit into one account', () => {
    const nameFields = ['AlarmName', 'DashboardName', 'LogGroupName', 'Name', 'TopicName'];
    const names = templates.flatMap(({ Resources }) =>
      Object.values(Resources).flatMap(({ Properties }) =>
        nameFields.flatMap((field) => Properties?.[field] ?? []),
      ),
    );
    const tamperRules = templates.flatMap((template) =>
      resourcesOf(template, 'AWS::Events::Rule').filter(([id]) => id.startsWith('Tampering')),
    );
    // Beside the alarms a dashboard and a log group.
    expect(names).toHaveLength(3 * (alarmNames('alpha').length + 2) + tamperRules.length);
    expect(new Set(names).size).toBe(names.length);
  });
});

test.each([
  ['as it is', ''],
  [
    'with account, region and key',
    "account: '111122223333'\nregion: eu-west-1\nlogsKmsKeyArn: arn:aws:kms:eu-west-1:111122223333:key/1\n",
  ],
])('the stack passes the AWS Solutions checks: %s', (_case, fields) => {
  const environmentFile = join(mkdtempSync(join(work, 'nag-')), 'prod.yaml');
  writeFileSync(
    environmentFile,
    `mwaaEnvironment: prod\nnotify: { email: [a@example.com] }\n${fields}`,
  );
  const app = newApp({ ...withoutBundling, environmentFile });
  addMonitors(app, work);
  expect(() => app.synth()).not.toThrow();
});

test('the AWS Solutions checks are on: a careless bucket stops the synthesis', () => {
  const app = newApp({ ...withoutBundling, mwaaEnvironment: 'prod', email: 'a@example.com' });
  addMonitors(app, work);
  new Bucket(new Stack(app, 'Careless'), 'Bucket');
  expect(() => app.synth()).toThrow(/validation/i);
});

test('an environment on the command line gives exactly one stack, without credentials', () => {
  const { status, outdir } = runApp('-c', 'mwaaEnvironment=prod', '-c', 'email=a@example.com');
  expect(status).toBe(0);
  const templates = readdirSync(outdir).filter((name) => name.endsWith('.template.json'));
  expect(templates.map((name) => basename(name))).toEqual(['MonitorStack-prod.template.json']);
  const text = readFileSync(join(outdir, 'MonitorStack-prod.template.json'), 'utf8');
  expect(text).toContain('"Endpoint": "a@example.com"');
});

test('bad input is one line and a non-zero exit, without a stack trace', () => {
  const { status, stderr } = runApp('-c', 'mwaaEnvironment=pr.od');
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    '-c mwaaEnvironment: must begin with a letter and hold at most 80 letters, digits, "-" and "_", got "pr.od"',
  ]);
});

describe('the CDK CLI', () => {
  const script = join(work, 'app-without-files.mjs');
  const fileIn = (path: string) => pathToFileURL(join(projectRoot, path)).href;
  // As infra/app.ts does, with a folder that is empty for certain.
  writeFileSync(
    script,
    `import core from '${fileIn('node_modules/aws-cdk-lib/core/index.js')}';
import { addMonitors } from '${fileIn('infra/add-monitors.ts')}';
const app = new core.App();
addMonitors(app, '${join(work, 'no-such-folder')}');
app.synth();
`,
  );
  const runCdk = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        join(projectRoot, 'node_modules/aws-cdk/bin/cdk'),
        ...args,
        ...['--app', `${process.execPath} ${script}`, '--output', join(work, 'cli.out')],
      ],
      {
        cwd: work,
        env: {
          PATH: process.env.PATH,
          HOME: work,
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
          AWS_EC2_METADATA_DISABLED: 'true',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
        },
        encoding: 'utf8',
      },
    );

  test.each([
    // The first command that a newcomer runs; it uses the account of each stack of the app.
    ['bootstrap'],
    ['bootstrap', 'aws://111122223333/eu-west-1'],
    ['destroy', 'MonitorStack-prod', '--force'],
  ])('says without an environment how to name one: cdk %s %s', (...args) => {
    const { status, stderr } = runCdk(...args);
    expect(status).toBe(1);
    expect(stderr).toContain('No MWAA environment to monitor.');
    expect(stderr).toContain('npx cdk deploy -c mwaaEnvironment=NAME -c email=you@example.com');
    expect(stderr).not.toContain('failed bootstrapping');
  });
});

test('a misspelt key is refused, with the key that is meant', () => {
  const given = { mwaaEnvironment: 'prod', email: 'a@example.com', everyMinute: 7 };
  const app = newApp({ ...withoutBundling, ...given });
  expect(() => addMonitors(app, work)).toThrow(
    /^-c everyMinute: must be one of mwaaEnvironment, .* \(did you mean everyMinutes\?\), got 7;/,
  );
});

test.each([['nobody to notify', { email: 'none' }, 'Nobody is notified of findings and alarms']])(
  'the synthesis warns of %s',
  (_what, context, text) => {
    const given = { mwaaEnvironment: 'prod', email: 'a@example.com' };
    const app = newApp({ ...withoutBundling, ...given, ...context });
    addMonitors(app, work);
    // The app prints its warnings as well.
    const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const messages = app.synth().stacks.flatMap(({ messages }) => messages);
    print.mockRestore();
    const warnings = messages.map(({ entry }) => String(entry.data));
    expect(warnings).toContainEqual(expect.stringContaining(text));
  },
);
