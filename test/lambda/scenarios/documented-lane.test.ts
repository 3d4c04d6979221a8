import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { saveRetreats } from '../../../lambda/ledger/stored-refusals.ts';
import { allGroups, awsError, fakeFetch, putValues } from '../setup/monitor-fixture.ts';
import {
  command,
  grant,
  type HeldEvent,
  monitorWith,
  packPlan,
  published,
  task,
  tickAt,
  wholePack,
} from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;
type Answer = (queryId: string) => object | Promise<object> | undefined;

const documentedText = packPlan.documentedQuery;
const matches = `AddRoleMatches/${task}`;
/** One match in each of three ticks: those of 09:00, 09:05 and 09:10. */
const commands = ['08:51', '08:56', '09:01'].map((minute, at) =>
  command(`u${at}`, `2026-03-01T${minute}:00.000`),
);
const ticks = ['09:00', '09:05', '09:10'];

/** Replaces some answers of GetQueryResults. */
function answering(fixture: Fixture, answer: Answer): void {
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  Object.assign(logs, {
    send: async (sent: object, ...rest: never[]) => {
      const other =
        sent instanceof GetQueryResultsCommand ? answer(sent.input.queryId ?? '') : undefined;
      return other ?? Reflect.apply(send, logs, [sent, ...rest]);
    },
  });
}

function refusing(fixture: Fixture, error: Error, isRefused: (text: string) => boolean): void {
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  Object.assign(logs, {
    send: async (sent: object, ...rest: never[]) => {
      if (sent instanceof StartQueryCommand && isRefused(sent.input.queryString ?? '')) throw error;
      return Reflect.apply(send, logs, [sent, ...rest]);
    },
  });
}

/** The metrics that a tick put, whether it succeeded or not. */
async function putsAt(fixture: Fixture, when: string) {
  fixture.cloudWatch.resetHistory();
  const failure = await tickAt(fixture, when).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { puts: putValues(fixture.cloudWatch), failure };
}

function positionsOf({ table }: Fixture, lane: string): Set<string> {
  const marks = table.items().filter((item) => item.pk === 'mark' && item.lane === lane);
  return new Set(marks.map((mark) => new Date(Number(mark.positionEpochMs)).toISOString()));
}

const isPack = (queryId: string) => queryId.startsWith('pack');
const isCount = (queryId: string) => queryId.startsWith('count');

/** Ways in which the queries of one kind fail, and the outcome that a group then has. */
const troubles: [string, (fixture: Fixture, isOwn: (queryId: string) => boolean) => void][] = [
  ['are refused', (fixture, isOwn) => refuse(fixture, isOwn, 'MalformedQueryException')],
  ['are denied', (fixture, isOwn) => refuse(fixture, isOwn, 'AccessDeniedException')],
  ['are throttled', (fixture, isOwn) => refuse(fixture, isOwn, 'LimitExceededException')],
  ['fail', (fixture, isOwn) => answerAll(fixture, isOwn, { status: 'Failed' })],
  ['never end', (fixture, isOwn) => answerAll(fixture, isOwn, { status: 'Running' })],
  [
    'have answers that make no sense',
    (fixture, isOwn) => {
      const results = [[{ field: 'what', value: 'ever' }]];
      answerAll(fixture, isOwn, { status: 'Complete', results });
    },
  ],
];

function refuse(fixture: Fixture, isOwn: (queryId: string) => boolean, name: string): void {
  const isOfPack = isOwn('pack 0');
  const isRefused = (text: string) => (text === documentedText) !== isOfPack;
  refusing(fixture, awsError(name, 'no'), isRefused);
}

function answerAll(fixture: Fixture, isOwn: (queryId: string) => boolean, answer: object): void {
  answering(fixture, (queryId) => (isOwn(queryId) ? answer : undefined));
}

/** Runs ticks that are killed when they ask for an answer to such a query. */
function killing(fixture: Fixture, isKiller: (queryId: string) => boolean) {
  let kill = () => {};
  answering(fixture, (queryId) => {
    if (!isKiller(queryId)) return undefined;
    kill();
    return new Promise(() => {});
  });
  return async (tick: string) => {
    const death = new Promise<void>((resolve) => {
      kill = resolve;
    });
    await Promise.race([tickAt(fixture, tick), death]);
  };
}

describe('whatever happens to the pack, the documented query counts each match in its tick', () => {
  test.each(troubles)('when its queries %s', async (_, trouble) => {
    const fixture = monitorWith(commands);
    await tickAt(fixture, '08:55');
    trouble(fixture, isPack);
    for (const tick of ticks) {
      const { puts } = await putsAt(fixture, tick);
      expect(puts).toMatchObject({ [matches]: 1, DocumentedLag: 300 });
      for (const group of allGroups.filter((one) => one !== task)) {
        expect(puts).toMatchObject({ [`AddRoleMatches/${group}`]: 0 });
      }
    }
    expect(positionsOf(fixture, 'documented')).toEqual(new Set(['2026-03-01T09:05:00.000Z']));
  });

  test('when its answers are cut off and flooded', async () => {
    const flood = Array.from({ length: 40 }, (_, at) => grant(`f${at}`, '2026-03-01T08:52:07.000'));
    const fixture = monitorWith([...flood, ...commands], { packRowsMax: 10 });
    await tickAt(fixture, '08:55');
    for (const tick of ticks) {
      expect((await putsAt(fixture, tick)).puts).toMatchObject({
        [matches]: 1,
        DocumentedLag: 300,
      });
    }
    const starts = fixture.counted
      .filter(({ start, end }) => end > start)
      .map(({ start }) => start);
    expect(starts).toHaveLength(1 + ticks.length);
  });

  test('when the code that reads it throws', async () => {
    const plan = Object.defineProperty({}, 'packRowsMax', {
      enumerable: false,
      get: () => {
        throw new TypeError('a fault of our own');
      },
    });
    const fixture = monitorWith(commands);
    await tickAt(fixture, '08:55');
    const faulty = Object.setPrototypeOf({ ...fixture.monitor.plan }, plan);
    Reflect.deleteProperty(faulty, 'packRowsMax');
    const broken = { ...fixture, monitor: { ...fixture.monitor, plan: faulty } };
    for (const tick of ticks) {
      const { puts, failure } = await putsAt(broken, tick);
      expect(puts).toMatchObject({ [matches]: 1, DocumentedLag: 300 });
      expect(failure).toContain('a fault of our own');
    }
  });

  test('when every run is killed while it reads the pack', async () => {
    const fixture = monitorWith(commands);
    await tickAt(fixture, '08:55');
    const killedAt = killing(fixture, isPack);
    for (const tick of ticks) {
      fixture.cloudWatch.resetHistory();
      await killedAt(tick);
      expect(putValues(fixture.cloudWatch)).toMatchObject({
        ...{ [matches]: 1, DocumentedLag: 300, ScanDoubt: 0 },
      });
    }
    expect(positionsOf(fixture, 'documented')).toEqual(new Set(['2026-03-01T09:05:00.000Z']));
    expect(positionsOf(fixture, 'scan')).toEqual(new Set(['2026-03-01T08:50:00.000Z']));
  });

  test('when its findings cannot be stored', async () => {
    const fixture = monitorWith(commands);
    await tickAt(fixture, '08:55');
    const { table, monitor } = fixture;
    Object.assign(monitor.dynamo, {
      send: async (sent: Parameters<typeof table.send>[0]) => {
        if (JSON.stringify(sent.input).includes('{"S":"open#')) {
          throw awsError('AccessDeniedException', 'ledger is away');
        }
        return table.send(sent);
      },
    });
    const { puts, failure } = await putsAt(fixture, '09:00');
    expect(puts).toMatchObject({ [matches]: 1, DocumentedLag: 300, ScanLag: 600 });
    expect(failure).toContain('ledger is away');
  });
});

describe('whatever happens to the documented query, the pack finds each change in its tick', () => {
  const grants = ['08:51', '08:56', '09:01'].map((minute, at) =>
    grant(`g${at}`, `2026-03-01T${minute}:00.000`),
  );

  test.each(troubles)('when its queries %s', async (_, trouble) => {
    const fixture = monitorWith(grants);
    await tickAt(fixture, '08:55');
    trouble(fixture, isCount);
    for (const [at, tick] of ticks.entries()) {
      const { puts } = await putsAt(fixture, tick);
      expect(puts).toMatchObject({ [`PrivilegeChanges/${task}`]: 1, ScanLag: 300 });
      expect(puts).not.toHaveProperty([matches]);
      const targets = published(fixture).flatMap(({ target }) => target ?? []);
      expect(targets).toEqual(grants.slice(0, at + 1).map((__, index) => `g${index}`));
    }
    expect(positionsOf(fixture, 'scan')).toEqual(new Set(['2026-03-01T09:05:00.000Z']));
  });

  test('when its counts cannot be put; they are put in the next tick', async () => {
    const counted = { at: '2026-03-01T08:52:00.000', message: 'aws iam add-role-to-profile' };
    const fixture = monitorWith([...grants, counted]);
    await tickAt(fixture, '08:55');
    let failures = 1;
    fixture.cloudWatch.on(PutMetricDataCommand).callsFake(async () => {
      if (failures-- > 0) throw awsError('InternalFailure');
      return {};
    });
    const { puts, failure } = await putsAt(fixture, '09:00');
    expect(failure).toContain('lane documented cannot go on');
    expect(puts).toMatchObject({ [`PrivilegeChanges/${task}`]: 1, ScanLag: 300 });
    expect(published(fixture)).toMatchObject([{ target: 'g0' }]);
    const next = await putsAt(fixture, '09:05');
    expect(next).toMatchObject({ failure: undefined, puts: { DocumentedLag: 300 } });
    const late = fixture.cloudWatch
      .commandCalls(PutMetricDataCommand)
      .flatMap((call) => call.args[0].input.MetricData ?? [])
      .filter(({ Timestamp }) => Timestamp?.toISOString() === '2026-03-01T09:00:00.000Z');
    expect(late).toContainEqual(
      expect.objectContaining({ MetricName: 'AddRoleMatches', Value: 1 }),
    );
  });

  test('people are notified even when CloudWatch accepts no metrics', async () => {
    const fixture = monitorWith(grants);
    await tickAt(fixture, '08:55');
    fixture.cloudWatch.on(PutMetricDataCommand).rejects(awsError('ServiceUnavailableException'));
    await putsAt(fixture, '09:00');
    expect(published(fixture)).toMatchObject([{ target: 'g0' }]);
  });
});

describe('a run that is killed', () => {
  const stateOf = ({ table }: Fixture) => {
    const item = table.items().find(({ sk }) => sk === 'state');
    return JSON.parse(String(item?.data));
  };

  test.each([
    ['the pack', isPack],
    ['the documented query', isCount],
  ])("by %s has stored MWAA's answer, and is not complete", async (_, isKiller) => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    const { lastTickEpochMs, groups } = stateOf(fixture);
    await killing(fixture, isKiller)('09:00');
    const answeredTickEpochMs = Date.parse('2026-03-01T09:00:00Z');
    expect(stateOf(fixture)).toMatchObject({
      ...{ lastTickEpochMs, groups },
      environment: { answeredTickEpochMs },
      logGroups: { answeredTickEpochMs },
    });
  });

  test('in every tick for an hour leaves an answer to replace one that fails', async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    let isDeadly = true;
    const killedAt = killing(fixture, (queryId) => isDeadly && isPack(queryId));
    for (const tick of ['09:00', '09:30', '10:00']) await killedAt(tick);
    isDeadly = false;
    const { fetch } = fakeFetch(429, { message: 'slow down' }, 'ThrottlingException');
    const { puts } = await putsAt(
      { ...fixture, monitor: { ...fixture.monitor, mwaa: { ...fixture.monitor.mwaa, fetch } } },
      '10:05',
    );
    expect(puts).toMatchObject({ [`LogGroupCovered/${task}`]: 1 });
    expect(fixture.lines).toContainEqual(expect.objectContaining({ decision: 'environment-kept' }));
  });
});

test('a lag that cannot be put before the pack is read is put at the end, without a failure', async () => {
  const fixture = monitorWith([grant('u', '2026-03-01T08:51:00.000')]);
  await tickAt(fixture, '08:55');
  fixture.cloudWatch.on(PutMetricDataCommand).callsFake(async ({ MetricData }) => {
    const names = MetricData.map(({ MetricName }) => MetricName);
    if (names.includes('DocumentedLag') && !names.includes('ScanLag')) {
      throw awsError('InternalFailure');
    }
    return {};
  });
  const { puts, failure } = await putsAt(fixture, '09:00');
  expect(failure).toBeUndefined();
  expect(puts).toMatchObject({ DocumentedLag: 300, [`PrivilegeChanges/${task}`]: 1 });
});

test("the documented query's numbers are put and its marks moved before the pack is queried", async () => {
  const fixture = monitorWith(commands);
  await tickAt(fixture, '08:55');
  const seen: object[] = [];
  fixture.logs.on(StartQueryCommand, { queryString: wholePack }).callsFake(async () => {
    seen.push({
      positions: positionsOf(fixture, 'documented'),
      put: putValues(fixture.cloudWatch)[matches],
      open: fixture.table.items().filter(({ claimEndEpochMs }) => claimEndEpochMs !== undefined),
    });
    throw awsError('ResourceNotFoundException');
  });
  await tickAt(fixture, '09:00');
  expect(seen[0]).toEqual({
    positions: new Set(['2026-03-01T08:55:00.000Z']),
    put: 1,
    open: [],
  });
});

test('an endless documented query has half of the time, so the pack has the other half', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  answerAll(fixture, isCount, { status: 'Running' });
  let packAtMs = 0;
  const before = fixture.timer.nowMs;
  fixture.logs.on(StartQueryCommand, { queryString: wholePack }).callsFake(async () => {
    packAtMs = fixture.timer.nowMs;
    throw awsError('ResourceNotFoundException');
  });
  await putsAt(fixture, '09:00');
  // Of 44 seconds in which logs are read.
  expect(packAtMs - before).toBeGreaterThan(21_000);
  expect(packAtMs - before).toBeLessThan(23_500);
});

test('a group whose count killed runs is counted even if the pack always uses up its time', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  const { shell, timer } = fixture;
  const table = new LedgerTable(
    { ...shell, dynamo: fixture.monitor.dynamo },
    'ledger',
    deadlineIn(timer, 60_000),
  );
  const untilEpochMs = Date.parse('2026-03-01T08:50:01Z');
  const careful = { widthSeconds: 1, alone: true, step: 'parts', untilEpochMs } as const;
  await saveRetreats(table, new Map([[`documented ${task}`, careful]]));
  answerAll(fixture, isPack, { status: 'Running' });
  const { puts, failure } = await putsAt(fixture, '09:00');
  expect(failure).not.toContain('documented query');
  expect(puts).toMatchObject({ [matches]: 0, ScanLag: 600 });
  expect(positionsOf(fixture, 'documented')).toEqual(new Set(['2026-03-01T08:55:00.000Z']));
});

test('after hours without an answer it is still read first, and catches up while the pack times out', async () => {
  const fixture = monitorWith(commands);
  await tickAt(fixture, '08:55');
  let slow = isCount;
  answering(fixture, (queryId) => (slow(queryId) ? { status: 'Running' } : undefined));
  const minutes = Array.from({ length: 14 }, (_, at) => 9 * 60 + at * 5);
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  for (const minute of minutes) await putsAt(fixture, clock(minute));
  slow = isPack;
  const lags = [];
  for (let minute = 10 * 60 + 10; minute < 10 * 60 + 50; minute += 5) {
    const { puts } = await putsAt(fixture, clock(minute));
    lags.push(puts.DocumentedLag);
  }
  expect(lags.at(-1)).toBe(300);
});

test('a careful lane, or a width of the old ledger, does not narrow the documented query', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '06:00');
  for (const item of fixture.table.raw('state')) {
    const data = JSON.parse(`${item.data?.S}`);
    if (item.sk?.S === 'state') item.data = { S: JSON.stringify({ ...data, sliceMinutes: 7 }) };
  }
  fixture.counted.length = 0;
  fixture.asked.length = 0;
  await tickAt(fixture, '07:00');
  const widths = (queries: Fixture['asked']) => queries.map(({ start, end }) => (end - start) / 60);
  expect(widths(fixture.counted)).toEqual([60]);
  expect(widths(fixture.asked).slice(0, 2)).toEqual([7, 7]);
});

test.each([
  ['documented query', documentedText],
  ['pack of detections', wholePack],
])('coverage is 0 if the %s failed, with the one that did', async (name, text) => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  refusing(fixture, awsError('InvalidOperationException', 'no'), (asked) => asked === text);
  const { puts, failure } = await putsAt(fixture, '09:00');
  expect(puts).toMatchObject({ [`LogGroupCovered/${task}`]: 0 });
  expect(puts).not.toHaveProperty('ScanCompleted');
  expect(failure).toMatch(new RegExp(`Error: ${name} <- QueryError: StartQuery failed`));
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({
      ...{ decision: 'log-group-blind', logGroup: task, cause: 'scan-failed' },
      detail: expect.stringMatching(new RegExp(`^Error: ${name} <- QueryError`)),
    }),
  );
});

test('a stalled lane raises its own lag metric and no other', async () => {
  for (const [text, behind, well] of [
    [documentedText, 'DocumentedLag', 'ScanLag'],
    [wholePack, 'ScanLag', 'DocumentedLag'],
  ] as const) {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    refusing(fixture, awsError('InvalidOperationException', 'no'), (asked) => asked === text);
    await putsAt(fixture, '09:00');
    const { puts } = await putsAt(fixture, '09:05');
    expect(puts).toMatchObject({ [behind]: 900, [well]: 300 });
  }
});

describe('without a pack', () => {
  test('only the documented query is read, and no other lag is put', async () => {
    const fixture = monitorWith(commands, { candidates: [], detections: [] });
    await tickAt(fixture, '08:55');
    for (const tick of [...ticks, '12:00']) {
      const { puts, failure } = await putsAt(fixture, tick);
      expect(failure).toBeUndefined();
      expect(puts).toMatchObject({ DocumentedLag: 300, ScanCompleted: 1 });
      expect(puts).not.toHaveProperty('ScanLag');
      expect(puts).not.toHaveProperty([`PrivilegeChanges/${task}`]);
    }
    expect(positionsOf(fixture, 'scan')).toEqual(new Set(['2026-03-01T08:45:00.000Z']));
  });

  test('the documented query gets all of the time', async () => {
    const fixture = monitorWith([], { candidates: [], detections: [] });
    await tickAt(fixture, '08:55');
    answerAll(fixture, isCount, { status: 'Running' });
    const before = fixture.timer.nowMs;
    await putsAt(fixture, '09:00');
    expect(fixture.timer.nowMs - before).toBeGreaterThan(43_000);
  });
});

describe('a zero for a group that was not scanned', () => {
  function scanning(events: readonly HeldEvent[], logGroupsScanned: number): Fixture {
    const fixture = monitorWith(events);
    fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
      const statistics = { bytesScanned: 0, logGroupsScanned };
      return { status: 'Complete', results: [], ...(isCount(queryId) && { statistics }) };
    });
    return fixture;
  }

  test('is not published; the lane goes on, and the zero counts as a doubt', async () => {
    const fixture = scanning([], 0);
    const { puts, failure } = await putsAt(fixture, '09:00');
    expect(failure).toBeUndefined();
    expect(puts).toMatchObject({ ScanDoubt: 6, DocumentedLag: 300, ScanCompleted: 1 });
    for (const group of allGroups) expect(puts).not.toHaveProperty([`AddRoleMatches/${group}`]);
    // That is the documented query's alone.
    expect(puts).toMatchObject({ [`PrivilegeChanges/${task}`]: 0 });
  });

  test('is published when the group, queried alone, was scanned', async () => {
    const { puts } = await putsAt(scanning([], 1), '09:00');
    expect(puts).toMatchObject({ [matches]: 0, ScanDoubt: 1 });
  });
});

describe('a span that can never be read', () => {
  const anew = (fixture: Fixture, time: string) =>
    fixture.logs.on(DescribeLogGroupsCommand).resolves({
      logGroups: allGroups.map((logGroupName) => ({
        ...{ logGroupName, creationTime: logGroupName === task ? Date.parse(time) : 0 },
      })),
    });
  const gapsOf = (fixture: Fixture) =>
    published(fixture).filter(({ detections }) => detections?.[0] === 'coverage-gap');

  test('for both queries is reported once', async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    anew(fixture, '2026-03-01T09:01:00Z');
    await tickAt(fixture, '09:10');
    expect(gapsOf(fixture)).toMatchObject([
      { title: expect.stringContaining('was not read from') },
    ]);
  });

  test('for the documented query alone is reported as such', async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    let isAway = true;
    const error = awsError('InvalidOperationException', 'no');
    refusing(fixture, error, (text) => isAway && text === documentedText);
    await putsAt(fixture, '09:00');
    isAway = false;
    anew(fixture, '2026-03-01T08:54:00Z');
    await putsAt(fixture, '09:05');
    expect(gapsOf(fixture)).toMatchObject([
      {
        title: expect.stringContaining(
          'was not counted by the documented query from 2026-03-01T08:50:00.000Z to 2026-03-01T08:54:00.000Z',
        ),
      },
    ]);
  });

  test("for a group that the documented query cannot read, is decided by the group's facts", async () => {
    const fixture = monitorWith([]);
    await tickAt(fixture, '08:55');
    const error = awsError('MalformedQueryException', 'a sentence that nobody knows');
    refusing(fixture, error, (text) => text === documentedText);
    const { failure } = await putsAt(fixture, '09:00');
    expect(failure).toContain('a sentence that nobody knows');
    expect(positionsOf(fixture, 'documented')).toEqual(new Set(['2026-03-01T08:50:00.000Z']));
  });
});

test.each([
  ['without a match', [], 2],
  ['with a match', [command('u', '2026-03-01T08:51:00.000')], 3],
  [
    'with a match and one at its end',
    commands.slice(0, 1).concat(command('v', '2026-03-01T08:55:00.000')),
    4,
  ],
] as const)('a tick %s takes the fewest possible queries', async (_, events, queries) => {
  const fixture = monitorWith(events);
  await tickAt(fixture, '08:55');
  fixture.logs.resetHistory();
  await tickAt(fixture, '09:00');
  expect(fixture.logs.commandCalls(StartQueryCommand)).toHaveLength(queries);
});
