import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { bothWith, quarters, told } from '../setup/both-witnesses.ts';
import { forbidden } from '../setup/fake-airflow.ts';
import { killAt } from '../setup/kill-at.ts';
import {
  allGroups,
  environmentAnswer,
  everyLogTypeAtInfo,
  fakeFetch,
  putValues,
} from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

const makeAdmin = (username: string) => [
  { username: 'admin', roles: ['Admin'] },
  { username, roles: ['Admin', 'Viewer'] },
];
const viewer = (username: string) => [
  { username: 'admin', roles: ['Admin'] },
  { username, roles: ['Viewer'] },
];

test('a hidden grant is told once, when the logs of its time are read for good', async () => {
  const both = bothWith();
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  await both.run('06:30', '06:45');
  expect(told(both)).toEqual([]);
  await both.run('07:00', '12:00');
  expect(told(both)).toMatchObject([
    {
      kind: 'finding',
      severity: 'critical',
      detections: ['state-change'],
      title: 'bob has role Admin since 06:15–06:30 UTC; no log line explains it (experimental)',
      target: 'bob',
      role: 'Admin',
      outcome: 'succeeded',
      undo: { changes: [{ username: 'bob', role: 'Admin' }] },
    },
  ]);
});

test('a log group that may be missing, and is, holds no hidden grant up', async () => {
  const both = bothWith();
  const { monitor, logs } = both.fixture;
  const logTypes = {
    ...{ DAGProcessing: 'required', Scheduler: 'required', Task: 'required' },
    ...{ WebServer: 'required', Worker: 'optional' },
  } as const;
  const { fetch } = fakeFetch(200, environmentAnswer({ WorkerLogs: { Enabled: false } }));
  Object.assign(monitor, {
    config: { ...monitor.config, logTypes },
    mwaa: { ...monitor.mwaa, fetch },
  });
  const existing = allGroups.filter((group) => !group.endsWith('-Worker'));
  logs.on(DescribeLogGroupsCommand).resolves({
    logGroups: existing.map((logGroupName) => ({ logGroupName, creationTime: 0 })),
  });
  both.fixture.missing.add('airflow-prod-Worker');
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  await both.run('06:30', '07:15');
  expect(told(both)).toMatchObject([{ detections: ['state-change'], target: 'bob' }]);
});

test('a grant that a log line tells is one finding with two witnesses, told once', async () => {
  const both = bothWith([grant('bob', '2026-03-01T06:20:00.000', 'Admin')]);
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  both.airflow.log(1, '2026-03-01T06:19:50Z', ['users', 'add-role', '-u', 'bob', '-r', 'Admin']);
  await both.run('06:30', '10:00');
  expect(told(both)).toMatchObject([{ detections: ['cli-role-granted'], target: 'bob' }]);
  const stored = findings(both.table);
  expect(stored.filter(({ detections }) => detections[0] !== 'witness-baseline')).toMatchObject([
    {
      outcome: 'succeeded',
      evidence: [
        { message: 'User "bob" added to role "Admin"' },
        { logGroup: "Airflow's users and roles (experimental)" },
        { logGroup: "Airflow's audit log (experimental)", logStream: 'row 1' },
      ],
    },
  ]);
});

function findings(table: ReturnType<typeof bothWith>['table']) {
  return table
    .items()
    .filter(({ pk, sk }) => String(pk).startsWith('stream#') && String(sk).startsWith('finding#'))
    .map(({ data }) => JSON.parse(String(data)).finding);
}

test('a command of unknown outcome succeeded, if the state shows it: people are told that it is worse', async () => {
  const both = bothWith([command('bob', '2026-03-01T06:20:00.000', 'Admin')]);
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  both.airflow.beforeAnswer = () => forbidden;
  await both.run('06:30', '06:30');
  both.airflow.beforeAnswer = () => undefined;
  await both.run('06:45', '10:00');
  const about = { detections: ['privilege-command-run'], target: 'bob', role: 'Admin' };
  expect(told(both)).toMatchObject([
    { ...about, kind: 'finding', severity: 'medium', outcome: 'unknown' },
    { ...about, kind: 'update', severity: 'critical', outcome: 'succeeded' },
  ]);
});

test('a finding that is derived again, by a much later line, keeps what the second witness said', async () => {
  const late = {
    ...command('ann', '2026-03-01T06:21:00.000', 'User'),
    visibleAt: '2026-03-01T07:40:00.000',
  };
  const both = bothWith([command('bob', '2026-03-01T06:20:00.000', 'Admin'), late]);
  Object.assign(both.fixture.monitor.config, { farSweep: { everyMinutes: 60, lagMinutes: 60 } });
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  await both.run('06:30', '10:00');
  expect(told(both).map(({ target }) => target)).toEqual(['bob', 'ann']);
  expect(findings(both.table).filter(({ target }) => target === 'bob')).toMatchObject([
    {
      severity: 'critical',
      outcome: 'succeeded',
      title: expect.stringContaining("Airflow's tables show: bob has role Admin"),
      evidence: [{}, { logGroup: "Airflow's users and roles (experimental)" }],
    },
  ]);
});

test('a command after which the state is as before says so, and nothing else changes', async () => {
  const both = bothWith([command('bob', '2026-03-01T06:20:00.000', 'Op')]);
  both.airflow.users = viewer('bob');
  await both.run('06:00', '10:00');
  expect(told(both)).toMatchObject([{ severity: 'medium', outcome: 'unknown' }]);
  expect(findings(both.table).filter(({ target }) => target === 'bob')).toMatchObject([
    {
      severity: 'medium',
      outcome: 'unknown',
      title: expect.stringMatching(
        /its outcome is not visible; the state did not change \(experimental\)$/,
      ),
    },
  ]);
});

test('a line about another role explains nothing: the hidden grant is told by itself', async () => {
  const both = bothWith([grant('bob', '2026-03-01T06:20:00.000', 'User')]);
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = [
    { username: 'admin', roles: ['Admin'] },
    { username: 'bob', roles: ['Admin', 'User', 'Viewer'] },
  ];
  await both.run('06:30', '10:00');
  expect(told(both)).toMatchObject([
    { detections: ['cli-role-granted'], role: 'User' },
    { detections: ['state-change'], severity: 'critical', role: 'Admin' },
  ]);
});

test('a hidden command of the audit log is told, and with the state that it worked', async () => {
  const auditOnly = bothWith([], { auditLog: true, snapshot: false });
  const both = bothWith();
  for (const { airflow, run } of [auditOnly, both]) {
    airflow.users = viewer('bob');
    await run('06:00', '06:15');
    airflow.users = makeAdmin('bob');
    airflow.log(1, '2026-03-01T06:20:00Z', ['users', 'add-role', '-u', 'bob', '-r', 'Admin']);
    await run('06:30', '10:00');
  }
  const about = { detections: ['audit-log-command'], target: 'bob', role: 'Admin' };
  expect(told(auditOnly)).toMatchObject([{ ...about, severity: 'medium', outcome: 'unknown' }]);
  expect(told(both)).toMatchObject([{ ...about, severity: 'critical', outcome: 'succeeded' }]);
});

test('a log line that comes after both witnesses joins what they saw, within the wait', async () => {
  const late = {
    ...grant('bob', '2026-03-01T06:20:00.000', 'Admin'),
    visibleAt: '2026-03-01T06:34:00.000',
  };
  const both = bothWith([late]);
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  both.airflow.users = makeAdmin('bob');
  both.airflow.log(1, '2026-03-01T06:19:50Z', ['users', 'add-role', '-u', 'bob', '-r', 'Admin']);
  await both.run('06:30', '10:00');
  expect(told(both)).toMatchObject([{ detections: ['cli-role-granted'], target: 'bob' }]);
});

test('rows that are gone from the audit log are told once', async () => {
  const both = bothWith();
  for (const id of [1, 2, 3])
    both.airflow.log(id, '2026-03-01T05:00:00Z', ['dags', 'list'], 'cli_dag');
  await both.run('06:00', '06:15');
  both.airflow.rows = both.airflow.rows.filter(({ event_log_id: id }) => id !== 2);
  await both.run('06:30', '09:00');
  expect(told(both)).toMatchObject([
    {
      severity: 'high',
      detections: ['audit-rows-missing'],
      attack: ['T1070'],
      title: expect.stringContaining('audit log rows are missing: at least 1 (among them 2)'),
    },
  ]);
});

test('what is there at the first reading is listed once, and is no change', async () => {
  const both = bothWith();
  both.airflow.users = makeAdmin('bob');
  await both.run('06:00', '12:00');
  expect(published(both.fixture)).toMatchObject([
    {
      severity: 'low',
      detections: ['witness-baseline'],
      title: expect.stringContaining(
        '2 active users have Admin, Op or a role that can change users',
      ),
    },
  ]);
});

describe('a witness that is refused for two days', () => {
  test('is blind with its cause, told once, and tells the change of that time when it sees again', async () => {
    const both = bothWith();
    both.airflow.users = viewer('bob');
    await both.run('06:00', '06:15');
    const blind = () => putValues(both.fixture.cloudWatch).WitnessBlind;
    expect(blind()).toBe(0);
    both.airflow.beforeAnswer = () => forbidden;
    await both.run('06:30', '06:30');
    expect(blind()).toBe(0);
    await both.run('06:45', '23:45');
    expect(blind()).toBe(1);
    both.airflow.users = makeAdmin('bob');
    for (const hour of ['04', '12', '20']) {
      await both.witness.runAt(`${hour}:00`, '02');
      await tickAt(both.fixture, `2026-03-02T${hour}:00`);
    }
    both.airflow.beforeAnswer = () => undefined;
    for (const hour of ['05', '06', '07', '08']) {
      await both.witness.runAt(`${hour}:00`, '03');
      await tickAt(both.fixture, `2026-03-03T${hour}:00`);
    }
    expect(blind()).toBe(0);
    expect(published(both.fixture)).toMatchObject([
      { detections: ['witness-baseline'] },
      {
        detections: ['witness-blind'],
        severity: 'high',
        title: expect.stringContaining('Airflow refused /users (HTTP 403)'),
      },
      { detections: ['state-change'], target: 'bob', role: 'Admin', severity: 'critical' },
    ]);
  });
});

test('a witness that does not run is blind after three periods', async () => {
  const both = bothWith();
  for (const time of quarters('06:00', '06:45')) await tickAt(both.fixture, time);
  expect(putValues(both.fixture.cloudWatch).WitnessBlind).toBe(0);
  await tickAt(both.fixture, '07:00');
  expect(putValues(both.fixture.cloudWatch).WitnessBlind).toBe(1);
});

test('a change of the witness’s own role makes it blind, and is told as a change', async () => {
  const both = bothWith();
  await both.run('06:00', '06:15');
  both.airflow.roles.PrivilegeAuditor = [
    ...(both.airflow.roles.PrivilegeAuditor ?? []),
    'can_edit on Users',
  ];
  await both.run('06:30', '08:00');
  expect(putValues(both.fixture.cloudWatch).WitnessBlind).toBe(1);
  expect(published(both.fixture)).toMatchObject([
    { detections: ['witness-baseline'] },
    {
      detections: ['witness-blind'],
      title: expect.stringContaining('was given 1 more permission'),
    },
    { detections: ['state-change'], role: 'PrivilegeAuditor', severity: 'critical' },
  ]);
});

test('without a second witness nothing is published of it, and nothing is listed for it', async () => {
  const fixture = monitorWith([grant('bob', '2026-03-01T06:20:00.000', 'Admin')]);
  await tickAt(fixture, '06:30');
  expect(putValues(fixture.cloudWatch)).not.toHaveProperty('WitnessBlind');
  expect(fixture.table.items().filter(({ pk }) => /^(witness|recent)/.test(String(pk)))).toEqual(
    [],
  );
});

test('a new version of Airflow is one low finding about its own roles, and none that hides Public', async () => {
  const both = bothWith();
  const answer = (version: string) => ({
    Environment: {
      ...{ Name: 'prod', WebserverUrl: 'x.airflow.amazonaws.com', AirflowVersion: version },
      LoggingConfiguration: everyLogTypeAtInfo,
    },
  });
  const at = (version: string) =>
    Object.assign(both.fixture.monitor.mwaa, { fetch: fakeFetch(200, answer(version)).fetch });
  at('2.9.2');
  await both.run('06:00', '06:15');
  at('2.10.3');
  both.airflow.roles = {
    ...both.airflow.roles,
    Op: ['can_edit on Variables', 'can_read on Gadgets'],
    Viewer: [],
    Public: ['can_read on Connections'],
  };
  await both.run('06:30', '09:00');
  const changes = findings(both.table).filter(({ detections }) => detections[0] === 'state-change');
  expect(changes.map(({ severity, role }) => [severity, role]).sort()).toEqual([
    ['critical', 'Public'],
    ['low', 'Op, Viewer'],
  ]);
  expect(told(both)).toMatchObject([{ severity: 'critical', role: 'Public' }]);
});

/** Events and changes of one hour, for the tests of what may go wrong. */
function eventfulHour() {
  const both = bothWith([
    grant('ann', '2026-03-01T06:20:00.000', 'Op'),
    command('dan', '2026-03-01T06:21:00.000', 'Admin'),
  ]);
  const users = (roles: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(roles).map(([username, held]) => ({ username, roles: held }));
  const before = { ann: ['Viewer'], bob: ['Viewer'], dan: ['Viewer'], eve: ['Viewer'] };
  const begin = async () => {
    both.airflow.users = users(before);
    await both.run('06:00', '06:15');
  };
  const andViewer = (role: string) => [role, 'Viewer'].sort();
  const change = () => {
    both.airflow.users = users({
      ann: andViewer('Op'),
      bob: andViewer('Admin'),
      dan: andViewer('Admin'),
      eve: andViewer('Op'),
    });
    both.airflow.log(1, '2026-03-01T06:22:00Z', ['users', 'add-role', '-u', 'eve', '-r', 'Op']);
  };
  return { ...both, begin, change };
}

interface Known {
  readonly detection: string;
  readonly target: string;
  readonly severity: string;
  readonly outcome: string;
}

/** Each finding as people know it last, by what it is about. */
function known(both: { readonly fixture: Parameters<typeof published>[0] }): Known[] {
  const all: [string, Known][] = told(both).map(({ id, detections, target, severity, outcome }) => [
    id,
    { detection: detections[0], target, severity, outcome },
  ]);
  return Object.values(Object.fromEntries(all)).sort((a, b) => (a.target < b.target ? -1 : 1));
}

const allOfTheHour = [
  { detection: 'cli-role-granted', target: 'ann', severity: 'high', outcome: 'succeeded' },
  { detection: 'state-change', target: 'bob', severity: 'critical', outcome: 'succeeded' },
  { detection: 'privilege-command-run', target: 'dan', severity: 'critical', outcome: 'succeeded' },
  { detection: 'audit-log-command', target: 'eve', severity: 'critical', outcome: 'succeeded' },
];

const noMoreThanOnce = (both: Parameters<typeof known>[0]) => {
  const messages = told(both).map(({ id, kind, severity }) => `${id} ${kind} ${severity}`);
  expect(new Set(messages).size).toBe(messages.length);
};

test('all of an hour is told once, each with what both witnesses know', async () => {
  const hour = eventfulHour();
  await hour.begin();
  hour.change();
  await hour.run('06:30', '09:00');
  // The grant to ann is critical by its state, since Op may change the environment.
  expect(known(hour)).toEqual(
    allOfTheHour.map((one) => (one.target === 'ann' ? { ...one, severity: 'critical' } : one)),
  );
  noMoreThanOnce(hour);
});

describe('a tick that dies at any call', () => {
  const whole = allOfTheHour.map((one) => ({ ...one, severity: 'critical' }));

  test.each(['06:30', '07:00', '07:15'])(
    'of the one at %s, and is retried: nothing is lost or told twice',
    async (time) => {
      for (let calls = 0; ; calls += 13) {
        const hour = eventfulHour();
        await hour.begin();
        hour.change();
        let wasKilled = false;
        for (const at of quarters('06:30', '09:00')) {
          await hour.witness.runAt(at);
          if (at === time) {
            const kill = killAt(hour.fixture, calls);
            await tickAt(hour.fixture, at).catch(() => undefined);
            wasKilled = kill.wasReached();
            kill.revive();
            // The lease of a killed run is free when Lambda has certainly ended it.
            await tickAt(hour.fixture, at).catch(() => undefined);
          } else await tickAt(hour.fixture, at);
        }
        expect(known(hour)).toEqual(whole);
        if (!wasKilled) return;
      }
    },
  );
});

test('a witness that dies at any write is run again: nothing is lost or told twice', async () => {
  for (let calls = 0; ; calls += 1) {
    const hour = eventfulHour();
    await hour.begin();
    hour.change();
    const { dynamo } = hour.witness.witness;
    const { send } = dynamo;
    let made = 0;
    Object.assign(dynamo, {
      send: (...args: unknown[]) => {
        made += 1;
        if (made > calls) throw new Error('killed');
        return Reflect.apply(send, dynamo, args);
      },
    });
    await hour.witness.runAt('06:30').catch(() => undefined);
    Object.assign(dynamo, { send });
    await hour.witness.runAt('06:31');
    await tickAt(hour.fixture, '06:30');
    await hour.run('06:45', '09:00');
    expect(known(hour)).toEqual(allOfTheHour.map((one) => ({ ...one, severity: 'critical' })));
    noMoreThanOnce(hour);
    if (made <= calls) return;
  }
});

test.each([
  ['how far it was judged', 'witness-read'],
  ['what the witness read, but not what was found', 'witness'],
])(
  'a ledger that lost %s: nothing is told twice, and nothing that a log line explains',
  async (_, pk) => {
    const hour = eventfulHour();
    await hour.begin();
    hour.change();
    await hour.run('06:30', '09:00');
    const before = known(hour);
    for (const item of hour.table.raw(pk)) item.data = { S: 'lost' };
    await hour.run('09:15', '13:00');
    expect(known(hour)).toEqual(before);
    noMoreThanOnce(hour);
  },
);

test('a reading that is lost, with nothing to compare with, is a new beginning and no change', async () => {
  const both = bothWith();
  both.airflow.users = viewer('bob');
  await both.run('06:00', '06:15');
  for (const item of both.table.raw('witness'))
    if (item.zip !== undefined) item.zip = { S: 'lost' };
  both.airflow.users = makeAdmin('bob');
  await both.run('06:30', '09:00');
  expect(published(both.fixture).map(({ detections }) => detections[0])).toEqual([
    'witness-baseline',
    'witness-baseline',
  ]);
});

test('a loop of hidden commands hides none that gives Admin, and the rest is told together', async () => {
  const both = bothWith([], { auditLog: true, snapshot: false });
  await both.run('06:00', '06:15');
  const when = (at: number) =>
    new Date(Date.parse('2026-03-01T06:16:00Z') + at * 100).toISOString();
  const loop = (from: number, to: number) => {
    for (let at = from; at <= to; at += 1) {
      both.airflow.log(at, when(at), ['users', 'add-role', '-u', `user${at}`, '-r', 'Viewer']);
    }
  };
  loop(1, 2_300);
  await both.witness.runAt('06:25');
  loop(2_301, 4_600);
  both.airflow.log(5_000, when(5_000), ['users', 'add-role', '-u', 'eve', '-r', 'Admin']);
  await both.run('06:30', '07:30');
  const stored = findings(both.table);
  expect(stored.filter(({ target }) => target === 'eve')).toHaveLength(1);
  // Of each run the function keeps 2,000 rows, and a tick joins 2,000.
  expect(stored.filter(({ title }) => /has at least 2000 more/.test(title))).toMatchObject([
    { severity: 'high', detections: ['witness-blind'] },
  ]);
});
