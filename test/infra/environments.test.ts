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
      farSweep: { everyMinutes: 1440, lagMinutes: 1440 },
      correlateSeconds: 180,
      alertAt: 'medium',
      detections: { disable: [] },
      approvedChanges: [],
      notify: { email: [], documentedAlarms: true },
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
    'prod.yaml:3: notify.emails: unknown field; the fields here are email, documentedAlarms',
  ],
  [
    'mwaaEnvironment: prod\nkmsKeyArn: arn:aws:kms:eu-west-1:111122223333:key/1',
    'prod.yaml:2: kmsKeyArn: unknown field; the fields here are mwaaEnvironment, account, region, everyMinutes, offsetMinutes, delaySeconds, settleMinutes, maxSliceMinutes, silentAfterHours, logTypes, initialLookbackHours, nearSweep, farSweep, logsKmsKeyArn, airflow, correlateSeconds, alertAt, detections, approvedChanges, notify',
  ],
  [
    'mwaaEnvironment: prod\nmaxSliceMinutes: 0',
    'prod.yaml:2: maxSliceMinutes: must be whole minutes, 1 to 1440, got 0',
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
    expect(farSweep).toEqual({ everyMinutes: 1440, lagMinutes: 1440 });
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

test("a file name that cannot be a stack's name is refused", () => {
  expect(() => readEnvironmentFile(fileWith('mwaaEnvironment: a', 'a b.yaml'), 'a b.yaml')).toThrow(
    "a b.yaml: the file's name becomes the stack's",
  );
});

test('a missing file is named in the error', () => {
  expect(() => chosenEnvironments({ environmentFile: '/no/such.yaml' }, work)).toThrow(
    '/no/such.yaml: there is no such file',
  );
});

test('an environment on the command line needs no file, and files are then ignored', () => {
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
    { 'a-b.yaml': 'mwaaEnvironment: one', 'a_b.yaml': 'mwaaEnvironment: two' },
    'environments/a_b.yaml: describes the same stack name as environments/a-b.yaml',
  ],
])('two files for %s are refused', (_what, files, message) => {
  expect(() => chosenEnvironments({}, folderWith(files))).toThrow(message);
});
