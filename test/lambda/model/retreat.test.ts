import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { saveRetreats } from '../../../lambda/ledger/stored-refusals.ts';
import {
  afterKill,
  afterSuccess,
  afterTimeout,
  type Retreat,
  retreatSteps,
} from '../../../lambda/model/retreat.ts';
import { RetreatBook } from '../../../lambda/tick/retreat-book.ts';
import type { EndTimeReading } from '../setup/end-time.ts';
import { allGroups } from '../setup/monitor-fixture.ts';
import {
  grant,
  type HeldEvent,
  monitorWith,
  published,
  task,
  tickAt,
} from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;
const ordinary: Retreat = { widthSeconds: 300, alone: false, step: 'whole', untilEpochMs: 0 };

describe('how to read next', () => {
  test('killed runs halve the slice, one log group at a time, down to one second', () => {
    const widths: number[] = [];
    for (let retreat = ordinary; widths.at(-1) !== 1; ) {
      retreat = afterKill(retreat);
      expect(retreat).toMatchObject({ alone: true, step: 'whole' });
      widths.push(retreat.widthSeconds);
    }
    expect(widths).toEqual([150, 75, 37, 18, 9, 4, 2, 1]);
  });

  test('a second of one group that kills is read in parts, then for some rows, then skipped', () => {
    let retreat: Retreat = { widthSeconds: 1, alone: true, step: 'whole', untilEpochMs: 0 };
    const steps = retreatSteps.map(() => {
      retreat = afterKill(retreat);
      return retreat.step;
    });
    expect(steps).toEqual(['parts', 'some', 'none', 'none']);
  });

  test('a second of several groups that kills is first read group by group', () => {
    expect(afterKill({ ...ordinary, widthSeconds: 1 })).toEqual({
      ...{ ...ordinary, widthSeconds: 1, alone: true },
    });
  });

  test('runs that time out halve the slice of all groups together, down to one second', () => {
    expect(afterTimeout(ordinary)).toEqual({ ...ordinary, widthSeconds: 150 });
    expect(afterTimeout({ ...ordinary, widthSeconds: 1 })).toMatchObject({ alone: true });
  });

  test('after a success it widens again up to the maximum', () => {
    const widths: number[] = [];
    let retreat: Retreat | undefined = {
      widthSeconds: 1,
      alone: true,
      step: 'parts',
      untilEpochMs: 0,
    };
    while (retreat !== undefined) {
      widths.push(retreat.widthSeconds);
      retreat = afterSuccess(retreat, 60);
    }
    expect(widths).toEqual([1, 1, 2, 4, 8, 16, 32]);
  });
});

/**
 * Kills an invocation as Lambda does: nothing is carried out after an answer of the pack that `isDeadly`
 * matches.
 */
function killing(fixture: Fixture, isDeadly: (query: Query, bytes: number) => boolean) {
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  const queries: Query[] = [];
  const killed: Query[] = [];
  let kill = () => {};
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      const answer = await Reflect.apply(send, logs, [command, ...rest]);
      if (command instanceof StartQueryCommand && answer.queryId.startsWith('pack')) {
        const { startTime = 0, endTime = 0, logGroupNames = [] } = command.input;
        const seconds = endTime - startTime;
        queries.push({ id: answer.queryId, seconds, groups: logGroupNames });
      }
      const query =
        command instanceof GetQueryResultsCommand
          ? queries.find(({ id }) => id === command.input.queryId)
          : undefined;
      if (query === undefined || !isDeadly(query, JSON.stringify(answer).length)) return answer;
      killed.push(query);
      kill();
      return new Promise(() => {});
    },
  });
  /** @returns whether it completed */
  const tick = async (when: string): Promise<boolean> => {
    const death = new Promise<false>((resolve) => {
      kill = () => resolve(false);
    });
    return Promise.race([tickAt(fixture, when).then(() => true), death]);
  };
  return { queries, killed, tick };
}

interface Query {
  readonly id: string;
  readonly seconds: number;
  readonly groups: readonly string[];
}

const ticks = Array.from({ length: 18 }, (_, at) => {
  const minutes = 9 * 60 + at * 5;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
});
const users = Array.from({ length: 120 }, (_, at) => `u${at}`);
/** Two grants in each second of one minute. */
const crowd = users.map((user, at): HeldEvent => {
  const second = String(Math.floor(at / 2)).padStart(2, '0');
  return grant(user, `2026-03-01T08:52:${second}.00${at % 2}`);
});
const elsewhere: HeldEvent[] = [
  { ...grant('early', '2026-03-01T08:53:00.000'), logGroup: 'airflow-prod-Worker' },
  { ...grant('later', '2026-03-01T08:56:00.000'), logGroup: 'airflow-prod-WebServer' },
];
/** The users that people were notified of. */
const targets = ({ table }: Fixture): string[] =>
  table
    .items()
    .filter(({ sk }) => `${sk}`.startsWith('finding#'))
    .flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(`${data}`)]))
    .flatMap(({ delivery, finding }) => (delivery.status === 'notified' ? [finding.target] : []));

/** Only the scan: an hour later a sweep would read the same and be killed by it again. */
function scanningOnly(events: readonly HeldEvent[], endTime?: EndTimeReading): Fixture {
  const fixture = monitorWith(events, {}, endTime);
  const sweep = { everyMinutes: 1440, lagMinutes: 1440 };
  const config = { ...fixture.monitor.config, nearSweep: sweep, farSweep: sweep };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

/** What a run is killed by holds far less than the minute: about ten grants. */
const deadlyBytes = 4_000;

test('runs that are killed by what they read get through eventually, and delay no other group', async () => {
  const fixture = scanningOnly([...crowd, ...elsewhere]);
  await tickAt(fixture, '08:55');
  const { killed, tick } = killing(fixture, (_, bytes) => bytes > deadlyBytes);
  const toldAfter = new Map<string, number>();
  let ended = 0;
  for (const [at, when] of ticks.entries()) {
    ended = (await tick(when)) ? ended + 1 : 0;
    for (const target of targets(fixture)) if (!toldAfter.has(target)) toldAfter.set(target, at);
  }
  expect(killed.length).toBeGreaterThan(3);
  // The first run that reads it, and at most two more.
  expect(toldAfter.get('early')).toBeLessThanOrEqual(2);
  expect(toldAfter.get('later')).toBeLessThanOrEqual(3);
  expect(users.filter((user) => !toldAfter.has(user))).toEqual([]);
  expect(ended).toBeGreaterThan(5);
});

test('no run is killed twice by the same amount of one group', async () => {
  const fixture = scanningOnly([...crowd, ...elsewhere]);
  await tickAt(fixture, '08:55');
  const { killed, tick } = killing(fixture, (_, bytes) => bytes > deadlyBytes);
  for (const when of ticks.slice(0, 5)) await tick(when);
  expect(killed.map(({ seconds }) => seconds)).toEqual([300, 150, 75, 37, 18]);
  expect(killed.map(({ groups }) => groups.length)).toEqual([allGroups.length, 1, 1, 1, 1]);
});

// With whole seconds, the query of the second before also returns the deadly row.
test.each([
  ['millisecond', '2026-03-01T08:52:07.500', '2026-03-01T08:52:07.000Z'],
  ['second', '2026-03-01T08:52:07.500', '2026-03-01T08:52:06.000Z'],
] as const)(
  'where endTime is read to its %s, a second that kills every run is finally skipped, as a critical finding',
  async (endTime, at, second) => {
    const fixture = scanningOnly([grant('bob', at), ...elsewhere], endTime);
    await tickAt(fixture, '08:55');
    const isDeadly = (query: Query, bytes: number) => query.groups.includes(task) && bytes > 250;
    const { tick, killed } = killing(fixture, isDeadly);
    for (const when of ticks) await tick(when);
    expect(killed.length).toBeLessThan(20);
    expect(published(fixture)).toContainEqual(
      expect.objectContaining({
        ...{ severity: 'critical', detections: ['log-flood'] },
        title: expect.stringContaining(`in one second at ${second}`),
      }),
    );
    const positions = fixture.table
      .items()
      .filter(({ pk, lane }) => pk === 'mark' && lane === 'scan');
    expect(new Set(positions.map(({ positionEpochMs }) => positionEpochMs))).toEqual(
      new Set([Date.parse('2026-03-01T10:20:00Z')]),
    );
  },
);

test('a careful lane narrows no other lane and no other group', async () => {
  const { shell, timer } = monitorWith([]);
  const table = new LedgerTable(shell, 'ledger', deadlineIn(timer, 60_000));
  const book = await RetreatBook.load(table, shell.log);
  await book.begin('scan', [task], ordinary);
  const next = await RetreatBook.load(table, shell.log);
  expect(next.of('scan', task)).toEqual({ ...ordinary, widthSeconds: 150, alone: true });
  expect(next.of('near', task)).toBeUndefined();
  expect(next.of('scan', 'airflow-prod-Worker')).toBeUndefined();
});

test("log groups that are read alone share the tick's mails, with at least three each", async () => {
  const groups = [task, 'airflow-prod-Worker', 'airflow-prod-WebServer'];
  const events = groups.flatMap((logGroup) =>
    users.slice(0, 30).map(
      (user, at): HeldEvent => ({
        ...grant(user, `2026-03-01T08:52:${10 + at}.000`),
        ...{ logGroup, logStream: `dag_id=d${at}/run_id=r/task_id=t/attempt=1.log` },
      }),
    ),
  );
  const fixture = scanningOnly(events);
  await tickAt(fixture, '08:55');
  const { shell, timer } = monitorWith([]);
  const table = new LedgerTable(
    { ...shell, dynamo: fixture.monitor.dynamo },
    'ledger',
    deadlineIn(timer, 60_000),
  );
  const alone = groups.map(
    (logGroup) => [`scan ${logGroup}`, { ...ordinary, alone: true }] as const,
  );
  await saveRetreats(table, new Map(alone));
  await tickAt(fixture, '09:00');
  const singles = published(fixture).filter(({ kind }) => kind === 'finding');
  const groupsOf = singles.map(({ evidence }) => evidence[0].logGroup);
  const counts = Map.groupBy(groupsOf, (logGroup) => logGroup);
  expect(groups.map((logGroup) => counts.get(logGroup)?.length)).toEqual([20, 3, 3]);
});

test('runs that complete leave no retreat behind', async () => {
  const fixture = monitorWith(elsewhere);
  for (const when of ['08:55', '09:00', '09:05']) await tickAt(fixture, when);
  const stored = fixture.table.items().find(({ sk }) => sk === 'retreats');
  expect(JSON.parse(`${stored?.data}`)).toEqual({});
});

test.each([
  ['no JSON', 'what'],
  ['no entries', '[]'],
  ['an entry of another form', JSON.stringify({ [`scan ${task}`]: { widthSeconds: 'all' } })],
])('an item with %s is begun again', async (_, data) => {
  const fixture = monitorWith(elsewhere);
  await tickAt(fixture, '08:55');
  for (const item of fixture.table.raw('state')) {
    if (item.sk?.S === 'retreats') item.data = { S: data };
  }
  const report = await tickAt(fixture, '09:00');
  expect(report.scanCompleted).toBe(true);
});
