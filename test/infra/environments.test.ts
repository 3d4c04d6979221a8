import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenEnvironments } from '../../infra/config/chosen-environments.ts';
import { readEnvironmentFile } from '../../infra/config/environment-config.ts';
import { regularPeriods } from '../../infra/config/schedule.ts';
import { runtimeConfigSchema } from '../../lambda/plan/runtime-config.ts';

const work = mkdtempSync(join(tmpdir(), 'environments-'));
afterAll(() => rmSync(work, { recursive: true }));

function fileWith(text: string, name = 'prod.yaml'): string {
  const path = join(work, name);
  writeFileSync(path, text);
  return path;
}

function folderWith(files: Record<string, string>): string {
  const folder = join(mkdtempSync(join(work, 'project-')), 'environments');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const read = (text: string, name?: string) =>
  readEnvironmentFile(fileWith(text, name), 'prod.yaml');

test('only the name of the MWAA environment is required', () => {
  expect(read('mwaaEnvironment: prod-airflow')).toEqual({
    name: 'prod',
    config: {
      mwaaEnvironment: 'prod-airflow',
      everyMinutes: 5,
      offsetMinutes: 3,
      delaySeconds: 7,
      settleMinutes: 5,
      maxSliceMinutes: 60,
      silentAfterHours: 1,
      logTypes: {
        DAGProcessing: 'never-silent',
        Scheduler: 'never-silent',
        Task: 'required',
        WebServer: 'required',
        Worker: 'required',
      },
      initialLookbackHours: 0,
      nearSweep: { everyMinutes: 60, lagMinutes: 60 },
      farSweep: { everyMinutes: 60, lagMinutes: 1440 },
      correlateSeconds: 180,
      ledgerRetentionDays: 400,
      scannedGbPerDayMax: 1000,
      alertAt: 'medium',
      detections: { disable: [] },
      approvedChanges: [],
      notify: {
        email: [],
        findings: { email: [] },
        alarms: { email: [] },
        documentedAlarms: true,
        alarmMails: true,
        chat: false,
        eventBus: false,
      },
      tags: {},
      terminationProtection: false,
      scannerLogRetentionDays: 90,
    },
  });
});

test('the published example is valid', () => {
  const example = new URL('../../docs/environments/full.yaml', import.meta.url);
  const { config } = read(readFileSync(example, 'utf8'));
  expect(config).toEqual(read('mwaaEnvironment: prod-airflow').config);
});

test.each([
  ['', 'prod.yaml:1: the file: must be a mapping of fields'],
  ['- a', 'prod.yaml:1: the file: must be a mapping of fields, got ["a"]'],
  ['everyMinutes: 5', 'prod.yaml:1: mwaaEnvironment: is required'],
  [
    'mwaaEnvironment: 9lives',
    'prod.yaml:1: mwaaEnvironment: must begin with a letter and hold at most 80 letters, digits, "-" and "_", got "9lives"',
  ],
  [
    `mwaaEnvironment: ${'a'.repeat(81)}`,
    `prod.yaml:1: mwaaEnvironment: must begin with a letter and hold at most 80 letters, digits, "-" and "_", got "${'a'.repeat(81)}"`,
  ],
  [
    'mwaaEnvironment: prod\neveryMinutes: 7',
    'prod.yaml:2: everyMinutes: must divide the hour, or be whole hours that divide the day: one of 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, got 7',
  ],
  [
    'mwaaEnvironment: prod\n# why not\neveryMinutes: five',
    'prod.yaml:3: everyMinutes: expected number, got "five"',
  ],
  [
    'mwaaEnvironment: prod\nsettleMinutes: 61',
    'prod.yaml:2: settleMinutes: must be whole minutes, 0 to 60, got 61',
  ],
  [
    'mwaaEnvironment: prod\nregion: eu-west-9',
    'prod.yaml:2: region: must be a Region that this version of the CDK knows, got "eu-west-9"',
  ],
  [
    'mwaaEnvironment: prod\ntags: { cost center: 12 }',
    'prod.yaml:2: tags.cost center: must be a text; quote numbers and booleans, got 12',
  ],
  [
    'mwaaEnvironment: prod\ntags: { AWS:team: data }',
    'prod.yaml:2: tags.AWS:team: its name must not begin with "aws:", which AWS reserves, got "data"',
  ],
  [
    'mwaaEnvironment: prod\npermissionsBoundary: boundary',
    'prod.yaml:2: permissionsBoundary: must be the ARN of a managed policy (arn:aws:iam::<account>:policy/<name>), got "boundary"',
  ],
  [
    'mwaaEnvironment: prod\nscannerLogRetentionDays: 100',
    'prod.yaml:2: scannerLogRetentionDays: must be a number of days that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 100',
  ],
  [
    'mwaaEnvironment: prod\naccount: 111122223333',
    'prod.yaml:2: account: must be 12 digits in quotes, got 111122223333',
  ],
  [
    'mwaaEnvironment: prod\nregion: Ireland',
    'prod.yaml:2: region: must be a region like eu-west-1, got "Ireland"',
  ],
  [
    'mwaaEnvironment: prod\nnotify:\n  email: [a@example.com, nobody]',
    'prod.yaml:3: notify.email[1]: must be an e-mail address, got "nobody"',
  ],
  [
    'mwaaEnvironment: prod\nnotify:\n  emails: [a@example.com]',
    'prod.yaml:3: notify.emails: unknown field; the fields here are email, findings, alarms, documentedAlarms, alarmMails, existingTopicArn, existingTopicKmsKeyArn, chat, eventBus',
  ],
  [
    'mwaaEnvironment: prod\nkmsKey: arn:aws:kms:eu-west-1:111122223333:key/1',
    'prod.yaml:2: kmsKey: unknown field; the fields here are mwaaEnvironment, account, region, everyMinutes, offsetMinutes, delaySeconds, settleMinutes, maxSliceMinutes, silentAfterHours, logTypes, initialLookbackHours, nearSweep, farSweep, logsKmsKeyArn, kmsKeyArn, airflow, correlateSeconds, ledgerRetentionDays, scannedGbPerDayMax, alertAt, detections, approvedChanges, notify',
  ],
  [
    'mwaaEnvironment: prod\nmaxSliceMinutes: 0',
    'prod.yaml:2: maxSliceMinutes: must be whole minutes, 1 to 1440, got 0',
  ],
  [
    'mwaaEnvironment: prod\nscannedGbPerDayMax: 0',
    'prod.yaml:2: scannedGbPerDayMax: must be more than 0 GB, got 0',
  ],
  [
    'mwaaEnvironment: prod\nscannedGbPerDayMax: 5 GB',
    'prod.yaml:2: scannedGbPerDayMax: must be a number of GB, more than 0, got "5 GB"',
  ],
  [
    'mwaaEnvironment: prod\nscannedGbPerDayMax: 1000000000000',
    'prod.yaml:2: scannedGbPerDayMax: must be at most 1000000 GB (10^15 bytes), got 1000000000000',
  ],
  [
    'mwaaEnvironment: prod\nsilentAfterHours: 0.5',
    'prod.yaml:2: silentAfterHours: must be whole hours, 1 to 168, got 0.5',
  ],
  [
    'mwaaEnvironment: prod\nlogTypes:\n  DAGProcessing: required\n  Scheduler: optional',
    'prod.yaml:2: logTypes: must leave at least one log type never-silent',
  ],
  [
    'mwaaEnvironment: prod\nlogTypes:\n  Task: always',
    'prod.yaml:3: logTypes.Task: expected one of "never-silent"|"required"|"optional", got "always"',
  ],
  [
    'mwaaEnvironment: prod\nlogTypes: { Triggerer: optional }',
    'prod.yaml:2: logTypes.Triggerer: unknown field; the fields here are DAGProcessing, Scheduler, Task, WebServer, Worker',
  ],
  [
    'mwaaEnvironment: prod\ninitialLookbackHours: 337',
    'prod.yaml:2: initialLookbackHours: must be whole hours, 0 to 336, got 337',
  ],
  [
    'mwaaEnvironment: prod\nnearSweep: { everyMinutes: 45 }',
    'prod.yaml:2: nearSweep.everyMinutes: must divide the hour, or be whole hours that divide the day: one of 1, 2,',
  ],
  [
    'mwaaEnvironment: prod\nfarSweep: { lagMinutes: 20161 }',
    'prod.yaml:2: farSweep.lagMinutes: must be whole minutes, 1 to 20160, got 20161',
  ],
  [
    'mwaaEnvironment: prod\nfarSweep: { lagHours: 24 }',
    'prod.yaml:2: farSweep.lagHours: unknown field; the fields here are everyMinutes, lagMinutes',
  ],
  [
    'mwaaEnvironment: prod\neveryMinutes: 10\nnearSweep:\n  everyMinutes: 15',
    "prod.yaml:4: nearSweep.everyMinutes: must be a multiple of everyMinutes (10), since a sweep runs within a scan's tick, got 15",
  ],
  [
    'mwaaEnvironment: prod\neveryMinutes: 240\nfarSweep: { everyMinutes: 360 }',
    'prod.yaml:3: farSweep.everyMinutes: must be a multiple of everyMinutes (240)',
  ],
  [
    'mwaaEnvironment: prod\nsettleMinutes: 30\nnearSweep:\n  lagMinutes: 20',
    'prod.yaml:4: nearSweep.lagMinutes: must be at least settleMinutes (30), since a sweep reads again what a scan has read, got 20',
  ],
  [
    'mwaaEnvironment: prod\nfarSweep: { lagMinutes: 50 }',
    'prod.yaml:2: farSweep.lagMinutes: must be at least nearSweep.lagMinutes (60), got 50',
  ],
  [
    'mwaaEnvironment: prod\nnearSweep: { lagMinutes: 1441 }',
    'prod.yaml:2: nearSweep.lagMinutes: must be at most farSweep.lagMinutes (1440), got 1441',
  ],
  [
    'mwaaEnvironment: prod\ncorrelateSeconds: 5',
    'prod.yaml:2: correlateSeconds: must be whole seconds, 10 to 3600, got 5',
  ],
  [
    'mwaaEnvironment: prod\nalertAt: info',
    'prod.yaml:2: alertAt: expected one of "low"|"medium"|"high"|"critical", got "info"',
  ],
  [
    'mwaaEnvironment: prod\ndetections:\n  disable: [cli-role-grantd]',
    'prod.yaml:3: detections.disable[0]: must be the id of a detection: one of cli-',
  ],
  [
    'mwaaEnvironment: prod\napprovedChanges:\n  - { dag: promote, reason: onboarding, owner: platform }',
    'prod.yaml:3: approvedChanges[0].expires: is required',
  ],
  [
    "mwaaEnvironment: prod\napprovedChanges:\n  - dag: promote\n    reason: onboarding\n    owner: platform\n    expires: '2026-02-30'",
    'prod.yaml:6: approvedChanges[0].expires: must be a date like 2026-12-31 or a time like 2026-12-31T18:00:00Z, got "2026-02-30"',
  ],
  [
    "mwaaEnvironment: prod\napprovedChanges:\n  - dag: promote\n    users: bob\n    reason: onboarding\n    owner: platform\n    expires: '2026-12-31'",
    'prod.yaml:4: approvedChanges[0].users: unknown field; the fields here are dag, task, verb, user, role, reason, owner, expires',
  ],
  [
    // The documented query always runs; its alarms have a switch of their own.
    'mwaaEnvironment: prod\ndetections:\n  disable:\n    - add-role',
    'prod.yaml:4: detections.disable[0]: must be the id of a detection',
  ],
  [
    'mwaaEnvironment: a\nmwaaEnvironment: b',
    'prod.yaml:2:1: not valid YAML: Map keys must be unique',
  ],
  [
    'mwaaEnvironment: [a',
    'prod.yaml:1:20: not valid YAML: Flow sequence in block collection must be',
  ],
])('refused: %j', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test.each(regularPeriods)(
  'every %i minutes: the sweeps that nobody wrote down run with the scans, an hour or more apart',
  (everyMinutes) => {
    const { nearSweep, farSweep } = read(
      `mwaaEnvironment: prod\neveryMinutes: ${everyMinutes}\nsettleMinutes: 60`,
    ).config;
    expect(nearSweep).toEqual({ everyMinutes: Math.max(60, everyMinutes), lagMinutes: 60 });
    expect(farSweep).toEqual({ everyMinutes: Math.max(60, everyMinutes), lagMinutes: 1440 });
    expect(nearSweep.everyMinutes % everyMinutes).toBe(0);
  },
);

test('one field of a sweep can be set, and the other has its default', () => {
  const { config } = read('mwaaEnvironment: prod\nnearSweep: { lagMinutes: 90 }');
  expect(config.nearSweep).toEqual({ everyMinutes: 60, lagMinutes: 90 });
});

test('the monitor accepts every sweep that is accepted here', () => {
  const text = 'mwaaEnvironment: prod\nfarSweep: { everyMinutes: 5, lagMinutes: 20160 }';
  const { farSweep } = read(text).config;
  expect(runtimeConfigSchema.shape.farSweep.parse(farSweep)).toEqual({
    everyMinutes: 5,
    lagMinutes: 20_160,
  });
});

test('all errors of a file are reported at once, one line each', () => {
  expect(() => read('mwaaEnvironment: prod\nregion: x\nwhat: 1')).toThrow(
    /^prod\.yaml:2: region: .+\nprod\.yaml:3: what: unknown field; .+$/,
  );
});

test.each([
  ['a b.yaml', /letters, digits and "-"$/],
  // CloudFormation allows no underscore, and as a hyphen it could be another file's stack.
  ['a_b.yaml', 'rename it to a-b.yaml: its stack stays MonitorStack-a-b'],
])("a file name that cannot be a stack's name is refused: %s", (name, rule) => {
  const readIt = () => readEnvironmentFile(fileWith('mwaaEnvironment: a', name), name);
  expect(readIt).toThrow(`${name}: the file's name becomes the stack's`);
  expect(readIt).toThrow(rule);
});

test('a missing file is named in the error', () => {
  expect(() => chosenEnvironments({ environmentFile: '/no/such.yaml' }, work)).toThrow(
    '/no/such.yaml: there is no such file',
  );
});

test('an environment on the command line needs no file, and those of other environments are ignored', () => {
  const folder = folderWith({ 'other.yaml': 'mwaaEnvironment: other' });
  const context = {
    mwaaEnvironment: 'prod',
    email: 'a@example.com, b@example.com',
    everyMinutes: '10',
  };
  expect(chosenEnvironments(context, folder)).toMatchObject([
    {
      name: 'prod',
      config: {
        mwaaEnvironment: 'prod',
        everyMinutes: 10,
        notify: { email: ['a@example.com', 'b@example.com'] },
      },
    },
  ]);
});

test('-c email=none subscribes nobody', () => {
  const context = { mwaaEnvironment: 'prod', email: 'none' };
  expect(chosenEnvironments(context, folderWith({}))).toMatchObject([
    { config: { notify: { email: [] } } },
  ]);
});

describe('an environment on the command line that files describe too', () => {
  const context = { mwaaEnvironment: 'prod-airflow', email: 'a@example.com' };
  const choose = (files: Record<string, string>) => () =>
    chosenEnvironments(context, folderWith(files));

  test.each([['prod-airflow'], ['live']])(
    'is refused with the command for the file: %s.yaml',
    (name) => {
      expect(choose({ [`${name}.yaml`]: 'mwaaEnvironment: prod-airflow' })).toThrow(
        `-c mwaaEnvironment: environments/${name}.yaml describes it, so its settings apply: run \`npx cdk deploy MonitorStack-${name}\`, without -c, got "prod-airflow"`,
      );
    },
  );

  test.each([['prod-airflow'], ['Prod-Airflow']])(
    'is refused where it would deploy over the stack of another environment: %s.yaml',
    (name) => {
      expect(choose({ [`${name}.yaml`]: 'mwaaEnvironment: prod_airflow' })).toThrow(
        `-c mwaaEnvironment: would deploy over the stack of environments/${name}.yaml, which describes prod_airflow`,
      );
    },
  );

  test('is another environment if the file is for another account or Region', () => {
    const place = {
      CDK_DEFAULT_ACCOUNT: '111122223333',
      CDK_DEFAULT_REGION: 'eu-west-1',
    };
    const before = { ...process.env };
    Object.assign(process.env, place);
    try {
      for (const field of ["account: '444455556666'", 'region: us-east-1']) {
        const file = `mwaaEnvironment: prod-airflow\n${field}`;
        expect(choose({ 'prod-airflow.yaml': file })()).toHaveLength(1);
      }
      const here = 'mwaaEnvironment: prod-airflow\nregion: eu-west-1';
      expect(choose({ 'eu.yaml': here })).toThrow('environments/eu.yaml describes it');
    } finally {
      process.env = before;
    }
  });
});

test('every file of the folder is an environment, sorted by name', () => {
  const folder = folderWith({
    'staging.yaml': 'mwaaEnvironment: staging',
    'prod.yaml': 'mwaaEnvironment: prod',
    'README.md': 'not one',
  });
  expect(chosenEnvironments({}, folder).map(({ name }) => name)).toEqual(['prod', 'staging']);
});

test('an empty or missing folder gives no environment', () => {
  const folder = folderWith({ 'README.md': 'not one' });
  expect(chosenEnvironments({}, folder)).toEqual([]);
  expect(chosenEnvironments({}, join(folder, 'missing'))).toEqual([]);
});

test('one name in two regions is two environments', () => {
  const folder = folderWith({
    'eu.yaml': 'mwaaEnvironment: prod\nregion: eu-west-1',
    'us.yaml': 'mwaaEnvironment: prod\nregion: us-east-1',
  });
  expect(chosenEnvironments({}, folder)).toHaveLength(2);
});

test.each([
  [{ mwaaEnvironment: 'pr.od' }, '-c mwaaEnvironment: must begin with a letter'],
  [
    { mwaaEnvironment: 'prod', email: 'nobody' },
    '-c email: must be an e-mail address, got "nobody"',
  ],
  [
    { mwaaEnvironment: 'prod', email: 'none, a@example.com' },
    '-c email: must be an e-mail address, got "none"',
  ],
  // Without addresses, a deployment unsubscribes everybody.
  [
    { mwaaEnvironment: 'prod' },
    '-c email: is required with -c mwaaEnvironment, since a deployment without it unsubscribes everybody: give every address again, or -c email=none for nobody',
  ],
  // Its stack would be that of prod-airflow.
  [
    { mwaaEnvironment: 'prod_airflow', email: 'a@example.com' },
    '-c mwaaEnvironment: must not hold "_", which the name of a stack cannot: MonitorStack-prod-airflow may be the stack of prod-airflow. Describe it in environments/NAME.yaml, where NAME is prod-airflow if it is deployed as that stack, else any free name, got "prod_airflow"',
  ],
  [{ mwaaEnvironment: 'prod', everyMinutes: '7' }, '-c everyMinutes: must divide the hour'],
  [{ mwaaEnvironment: 'prod', everyMinutes: '5m' }, '-c everyMinutes: expected number, got "5m"'],
  [
    { mwaaEnvironment: 'prod', environmentFile: 'x.yaml' },
    '-c environmentFile: cannot be given together with -c mwaaEnvironment',
  ],
  [{ email: 'a@example.com' }, '-c email: only goes with -c mwaaEnvironment'],
  [{ everyMinutes: '5' }, '-c everyMinutes: only goes with -c mwaaEnvironment'],
])('refused on the command line: %j', (context, message) => {
  expect(() => chosenEnvironments(context, folderWith({}))).toThrow(message);
});

test.each([
  [
    'the same environment',
    { 'a.yaml': 'mwaaEnvironment: prod', 'b.yaml': 'mwaaEnvironment: prod' },
    'environments/b.yaml: describes the same environment as environments/a.yaml',
  ],
  [
    'the same stack name',
    { 'Prod.yaml': 'mwaaEnvironment: one', 'prod.yaml': 'mwaaEnvironment: two' },
    'environments/prod.yaml: describes the same stack name as environments/Prod.yaml',
  ],
  [
    'the same environment, of which one does not say where it is',
    {
      'a.yaml': "mwaaEnvironment: prod\naccount: '111122223333'\nregion: eu-west-1",
      'b.yaml': "mwaaEnvironment: prod\naccount: '111122223333'",
    },
    'environments/b.yaml: describes the same environment as environments/a.yaml, unless both give account and region',
  ],
  [
    'the same stack name, of which one ends in .yml',
    { 'prod.yaml': 'mwaaEnvironment: one', 'prod.yml': 'mwaaEnvironment: two' },
    'environments/prod.yml: describes the same stack name as environments/prod.yaml',
  ],
])('two files for %s are refused', (_what, files, message) => {
  expect(() => chosenEnvironments({}, folderWith(files))).toThrow(message);
});

test('all broken files of the folder are reported at once, and files for the same environment as well', () => {
  const folder = folderWith({
    'a.yaml': 'mwaaEnvironment: prod\nregion: x\nwhat: 1',
    'b.yaml': 'mwaaEnvironment: prod\neveryMinutes: 7',
    'c_d.yaml': 'mwaaEnvironment: prod',
    'e.yaml': 'mwaaEnvironment: same',
    'f.yaml': 'mwaaEnvironment: same',
  });
  const expected = [
    'environments/a.yaml:2: region: must be a region like eu-west-1, got "x"',
    'environments/a.yaml:3: what: unknown field; ',
    'environments/b.yaml:2: everyMinutes: must divide the hour',
    "environments/c_d.yaml: the file's name becomes the stack's",
    'environments/f.yaml: describes the same environment as environments/e.yaml',
  ];
  for (const message of expected) {
    expect(() => chosenEnvironments({}, folder)).toThrow(message);
  }
});

test('a file is read whatever the case of its ending', () => {
  const [environment] = chosenEnvironments({}, folderWith({ 'prod.YAML': 'mwaaEnvironment: one' }));
  expect(environment).toMatchObject({ name: 'prod', config: { mwaaEnvironment: 'one' } });
});

test.each([
  [
    'aliases without end',
    `a: &a [${'x, '.repeat(20)}]\nb: &b [${'*a, '.repeat(20)}]\nc: [${'*b, '.repeat(20)}]`,
    'environments/a.yaml: not valid YAML: Excessive alias count',
  ],
  [
    'an address twice',
    'mwaaEnvironment: prod\nnotify: { email: [a@example.com, A@example.com] }',
    'environments/a.yaml:2: notify.email: must name each address once',
  ],
])('%s: one clear error', (_what, text, message) => {
  expect(() => chosenEnvironments({}, folderWith({ 'a.yaml': text }))).toThrow(message);
});
