import type { OwnFinding } from '../../../lambda/findings/own-finding.ts';
import { allGroups, awsError, putValues } from '../setup/monitor-fixture.ts';
import {
  containing,
  grant,
  type HeldEvent,
  packPlan,
  published,
  task,
  tickAt,
} from '../setup/pack-fixture.ts';
import { type Judge, malformed, refusing, refusingMonitor } from '../setup/refusing-aws.ts';

type Monitor = ReturnType<typeof refusingMonitor>;

const deleted = (user: string, at: string): HeldEvent => ({
  at,
  message: `Running command: ['bash', '-c', 'airflow users delete -u ${user}']`,
  logStream: `dag_id=${user}/run_id=manual/task_id=grant/attempt=1.log`,
});
const counted = (at: string): HeldEvent => ({ at, message: 'somebody said add-role' });

const events = [
  counted('2026-03-01T08:51:00.000'),
  grant('bob', '2026-03-01T08:52:00.000'),
  deleted('oscar', '2026-03-01T08:53:00.000'),
  grant('carol', '2026-03-01T08:57:00.000'),
  counted('2026-03-01T08:58:00.000'),
];

const own = (monitor: Monitor) =>
  published(monitor).filter(({ detections }) => detections?.[0] === 'detection-refused');
const told = (monitor: Monitor, user: string) =>
  published(monitor).some(({ title = '' }) => title.includes(user));
const metric = (monitor: Monitor, name: string) => putValues(monitor.cloudWatch)[name];
const matches = (monitor: Monitor) => metric(monitor, `AddRoleMatches/${task}`);
/** The queries of the pack: how many detections each asks for, and the seconds of its window. */
const asked = ({ queries }: Monitor) =>
  queries
    .filter(({ detections }) => detections.length > 0)
    .map(({ detections, input: { startTime = 0, endTime = 0 } }) => ({
      detections,
      seconds: endTime - startTime,
    }));

async function ticks(monitor: Monitor, ...times: readonly string[]) {
  for (const time of times) {
    await tickAt(monitor, time).catch(() => undefined);
  }
}

test('a refused detection affects only itself: the count is exact, all others are found in the same tick, and it is reported', async () => {
  const monitor = refusingMonitor(events, refusing('privilege-command-run'));
  await tickAt(monitor, '08:55');
  await tickAt(monitor, '09:00');
  expect(matches(monitor)).toBe(1);
  expect(told(monitor, 'bob')).toBe(true);
  expect(own(monitor)).toMatchObject([
    {
      severity: 'high',
      title: expect.stringMatching(
        /privilege-command-run .*privilege-command-run does not compile at characters 0 to 5: field/,
      ),
      runbook: 'docs/runbooks/detection-refused.md',
    },
  ]);
  await ticks(monitor, '09:05', '09:10');
  expect(told(monitor, 'carol')).toBe(true);
  expect(told(monitor, 'oscar')).toBe(false);
  expect(metric(monitor, 'DetectionsRefused')).toBe(1);
  expect(metric(monitor, 'ScanCompleted')).toBe(1);
  expect(own(monitor)).toHaveLength(1);
});

test('while nothing is refused, only the whole text is run, and the metric is zero', async () => {
  const monitor = refusingMonitor(events);
  await ticks(monitor, '08:55', '09:00', '09:05');
  expect(new Set(asked(monitor).map(({ detections }) => detections.length))).toEqual(new Set([3]));
  expect(metric(monitor, 'DetectionsRefused')).toBe(0);
  expect(monitor.table.items().map(({ sk }) => sk)).not.toContain('refused-texts');
});

test('what was learnt is stored: the next ticks run the shorter text alone, and no probe', async () => {
  const monitor = refusingMonitor(events, refusing('privilege-command-run'));
  await tickAt(monitor, '08:55');
  monitor.queries.length = 0;
  await tickAt(monitor, '09:00');
  await tickAt(monitor, '09:05');
  const texts = asked(monitor);
  expect(texts.length).toBeGreaterThan(0);
  for (const { detections, seconds } of texts) {
    expect(detections).toEqual(['add-role', 'cli-role-granted']);
    expect(seconds).toBeGreaterThan(1);
  }
});

test('a probe is a query of the last second, and is stopped when it is accepted', async () => {
  const monitor = refusingMonitor(events, refusing('privilege-command-run'));
  await tickAt(monitor, '08:55');
  const [first, ...probes] = asked(monitor);
  expect(first?.detections).toHaveLength(3);
  expect(first?.seconds).toBeGreaterThan(1);
  // The two halves; the good half contains all other detections.
  expect(probes.slice(0, 2)).toEqual([
    { detections: ['add-role', 'cli-role-granted'], seconds: 1 },
    { detections: ['privilege-command-run'], seconds: 1 },
  ]);
  // One that was accepted, and the documented query that it was compared with.
  expect(monitor.stops()).toBe(2);
});

test('the scan and both sweeps share what was learnt', async () => {
  const monitor = refusingMonitor(
    [{ ...grant('bob', '2026-03-01T08:10:00.000'), visibleAt: '2026-03-01T09:30:00.000' }],
    refusing('privilege-command-run'),
  );
  await ticks(monitor, '08:00', '08:05', '09:00', '10:00', '11:00');
  expect(told(monitor, 'bob')).toBe(true);
  expect(asked(monitor).filter(({ detections }) => detections.length === 3)).toHaveLength(1);
});

describe('a pack that is refused as a whole', () => {
  const everything: Judge = ({ detections }) =>
    detections.length > 0 ? malformed('no such command: fields') : undefined;

  test('stops the pack alone: the count continues, the heartbeat does not, and one finding reports it', async () => {
    const monitor = refusingMonitor(events, everything);
    await tickAt(monitor, '08:55').catch(() => undefined);
    await expect(tickAt(monitor, '09:00')).rejects.toThrow(
      'refuses the queries of all detections: no such command',
    );
    expect(matches(monitor)).toBe(1);
    expect(metric(monitor, 'ScanCompleted')).toBeUndefined();
    expect(metric(monitor, `LogGroupCovered/${task}`)).toBe(0);
    await ticks(monitor, '09:05');
    expect(metric(monitor, 'DetectionsRefused')).toBe(3);
    expect(own(monitor)).toMatchObject([
      { severity: 'critical', title: expect.stringContaining('no such command: fields') },
    ]);
  });

  test('loses nothing: when it is accepted again, everything is found', async () => {
    const monitor = refusingMonitor(events, everything);
    await ticks(monitor, '08:55', '09:00', '09:05');
    expect(told(monitor, 'bob')).toBe(false);
    monitor.world.judge = () => undefined;
    await tickAt(monitor, '09:10');
    await tickAt(monitor, '09:15');
    for (const user of ['bob', 'oscar', 'carol'])
      expect([user, told(monitor, user)]).toEqual([user, true]);
    expect(metric(monitor, 'DetectionsRefused')).toBe(0);
    expect(metric(monitor, 'ScanCompleted')).toBe(1);
    expect(monitor.lines).toContainEqual(expect.objectContaining({ decision: 'texts-accepted' }));
  });

  test('is tried again in each tick by two queries, not by a search', async () => {
    const monitor = refusingMonitor(events, everything);
    await ticks(monitor, '08:55');
    monitor.queries.length = 0;
    await ticks(monitor, '09:00');
    expect(asked(monitor).map(({ detections }) => detections.length)).toEqual([3, 1]);
  });

  test('is searched when its form is accepted again but a single detection is not', async () => {
    const monitor = refusingMonitor(events, everything);
    await ticks(monitor, '08:55', '09:00');
    monitor.world.judge = refusing('privilege-command-run');
    await tickAt(monitor, '09:05');
    expect(told(monitor, 'bob')).toBe(true);
    await ticks(monitor, '09:10');
    expect(metric(monitor, 'DetectionsRefused')).toBe(1);
    expect(own(monitor).map(({ severity }) => severity)).toEqual(['critical', 'high']);
  });

  test('is also one in which no accepted detection makes findings', async () => {
    const monitor = refusingMonitor(events, refusing('cli-role-granted', 'privilege-command-run'));
    await ticks(monitor, '08:55', '09:00');
    expect(own(monitor)).toMatchObject([{ severity: 'critical' }]);
    monitor.world.judge = () => undefined;
    await tickAt(monitor, '09:05');
    expect(told(monitor, 'bob')).toBe(true);
  });

  test('continues as soon as one of them is accepted again, without waiting for a day', async () => {
    const monitor = refusingMonitor(events, refusing('cli-role-granted', 'privilege-command-run'));
    await ticks(monitor, '08:55', '09:00');
    monitor.world.judge = refusing('cli-role-granted');
    await ticks(monitor, '09:05', '09:10');
    expect([told(monitor, 'oscar'), told(monitor, 'bob')]).toEqual([true, false]);
    expect(metric(monitor, 'DetectionsRefused')).toBe(1);
  });
});

test('a pack whose queries all fail waits and raises an alarm; no detection counts as refused, and nothing is lost', async () => {
  const monitor = refusingMonitor(events, ({ detections }) =>
    detections.length > 0 ? 'failed' : undefined,
  );
  await ticks(monitor, '08:55', '09:00');
  expect(matches(monitor)).toBe(1);
  expect(metric(monitor, 'DetectionsRefused')).toBe(0);
  expect(metric(monitor, `LogGroupCovered/${task}`)).toBe(0);
  expect(metric(monitor, 'ScanCompleted')).toBeUndefined();
  expect(own(monitor)).toEqual([]);
  monitor.world.judge = () => undefined;
  await ticks(monitor, '09:05', '09:10');
  for (const user of ['bob', 'oscar']) expect([user, told(monitor, user)]).toEqual([user, true]);
});

test('after a day all detections are tried again: those that AWS accepts by then are found again', async () => {
  const monitor = refusingMonitor(
    [...events, deleted('mallory', '2026-03-02T08:56:00.000')],
    refusing('privilege-command-run'),
  );
  await ticks(monitor, '2026-03-01T08:55', '2026-03-01T09:00', '2026-03-02T08:50');
  monitor.world.judge = () => undefined;
  await ticks(monitor, '2026-03-02T09:00', '2026-03-02T09:05', '2026-03-02T09:10');
  expect(metric(monitor, 'DetectionsRefused')).toBe(0);
  expect(told(monitor, 'mallory')).toBe(true);
});

test('if the same is refused a day later, the tick reads as before, and one reminder is sent that day', async () => {
  const monitor = refusingMonitor(
    [...events, grant('mallory', '2026-03-02T08:56:00.000')],
    refusing('privilege-command-run'),
  );
  await ticks(monitor, '2026-03-01T08:55', '2026-03-01T09:00');
  await tickAt(monitor, '2026-03-02T09:05');
  expect(told(monitor, 'mallory')).toBe(true);
  expect(metric(monitor, 'DetectionsRefused')).toBe(1);
  const [first, reminder, ...more] = own(monitor);
  expect(more).toEqual([]);
  expect(reminder.firstSeen).toBe(first.firstSeen);
  expect(reminder.id).not.toBe(first.id);
  monitor.queries.length = 0;
  await ticks(monitor, '2026-03-02T09:10', '2026-03-02T23:55', '2026-03-03T00:05');
  expect(own(monitor)).toHaveLength(2);
  expect(new Set(asked(monitor).map(({ detections }) => detections.length))).toEqual(new Set([2]));
});

test('another plan is tried as a whole at once', async () => {
  const before = refusingMonitor(events, refusing('privilege-command-run'));
  await ticks(before, '08:55');
  const candidates = [
    ...packPlan.candidates.slice(0, 2),
    containing('privilege-command-run', 'airflow users delete'),
  ];
  const after = refusingMonitor(events, () => undefined, { candidates });
  for (const item of before.table.items().map(({ pk }) => `${pk}`)) {
    for (const raw of before.table.raw(item)) {
      await after.table.send({
        constructor: { name: 'PutItemCommand' },
        input: { TableName: 'ledger', Item: raw },
      });
    }
  }
  await tickAt(after, '09:00');
  expect(asked(after)[0]?.detections).toHaveLength(3);
  expect(metric(after, 'DetectionsRefused')).toBe(0);
});

test('a search that runs out of time continues in the next tick; meanwhile nothing is skipped', async () => {
  const many = Array.from({ length: 40 }, (_, at) => containing(`extra-${at}`, `extra ${at}`));
  const candidates = [...packPlan.candidates, ...many];
  const bad = many.filter((_, at) => at % 3 === 0).map(({ id }) => id);
  const monitor = refusingMonitor(events, refusing(...bad), { candidates });
  monitor.world.queryMs = 1_500;
  await tickAt(monitor, '08:55').catch(() => undefined);
  expect(matches(monitor)).toBe(0);
  expect(metric(monitor, 'DetectionsRefused')).toBeGreaterThan(bad.length);
  const before = monitor.queries.length;
  expect(before).toBeLessThan(40);
  expect(own(monitor)).toEqual([]);
  await ticks(monitor, '09:00', '09:05', '09:10', '09:15', '09:20', '09:25');
  monitor.world.queryMs = 0;
  await ticks(monitor, '09:30', '09:35');
  expect(metric(monitor, 'DetectionsRefused')).toBe(bad.length);
  expect(metric(monitor, `AddRoleMatches/${task}`)).toBe(0);
  for (const user of ['bob', 'oscar', 'carol'])
    expect([user, told(monitor, user)]).toEqual([user, true]);
});

test('a damaged item that is settled and has open lists does not stop the pack for ever', async () => {
  const monitor = refusingMonitor(events, refusing('privilege-command-run'));
  await tickAt(monitor, '08:55');
  const item = monitor.table.raw('state').find(({ sk }) => sk?.S === 'refused-texts');
  const { planHash, triedEpochMs } = JSON.parse(item?.data?.S ?? '{}');
  const open = [['cli-role-granted', 'privilege-command-run']];
  const known = { refused: [], accepted: [['add-role']], open, isSettled: true };
  if (item !== undefined) item.data = { S: JSON.stringify({ planHash, triedEpochMs, ...known }) };
  await ticks(monitor, '09:00', '09:05');
  expect(told(monitor, 'carol')).toBe(true);
  expect(metric(monitor, 'DetectionsRefused')).toBe(1);
});

test('a log group for which every text is refused costs no detection, and the others are read', async () => {
  const odd = 'airflow-prod-Worker';
  const monitor = refusingMonitor(events, ({ input }) =>
    input.logGroupNames?.includes(odd) ? malformed('the window of a log group is odd') : undefined,
  );
  await ticks(monitor, '08:55', '09:00', '09:05');
  expect(told(monitor, 'bob')).toBe(true);
  expect(metric(monitor, 'DetectionsRefused')).toBe(0);
  expect(metric(monitor, `LogGroupCovered/${odd}`)).toBe(0);
  expect(metric(monitor, `LogGroupCovered/${task}`)).toBe(1);
  expect(own(monitor)).toEqual([]);
});

test.each(['AccessDeniedException', 'ResourceNotFoundException'])(
  'a log group that answers %s does not keep a refused detection from being found',
  async (name) => {
    const refuse = refusing('privilege-command-run');
    const monitor = refusingMonitor(events, (query) => {
      // AWS compiles the text before it checks the groups.
      const isDenied = query.input.logGroupNames?.includes('airflow-prod-Worker');
      return refuse(query) ?? (isDenied ? awsError(name) : undefined);
    });
    await ticks(monitor, '08:55', '09:00', '09:05');
    expect(told(monitor, 'bob')).toBe(true);
    expect(metric(monitor, 'DetectionsRefused')).toBe(1);
    expect(metric(monitor, `LogGroupCovered/${task}`)).toBe(1);
  },
);

test('a throttled probe is retried: throttling refuses no detection', async () => {
  let calls = 0;
  const refuse = refusing('privilege-command-run');
  const monitor = refusingMonitor(events, (query) => {
    calls += 1;
    return calls % 2 === 0 ? awsError('ThrottlingException') : refuse(query);
  });
  await ticks(monitor, '08:55', '09:00', '09:05');
  expect(told(monitor, 'bob')).toBe(true);
  expect(metric(monitor, 'DetectionsRefused')).toBe(1);
});

test('detections that are refused only together are run in several texts: nothing is missed, and the cost is reported', async () => {
  const monitor = refusingMonitor(events, ({ detections }) =>
    detections.length > 2 ? malformed('too many expressions') : undefined,
  );
  await ticks(monitor, '08:55', '09:00', '09:05');
  for (const user of ['bob', 'oscar', 'carol'])
    expect([user, told(monitor, user)]).toEqual([user, true]);
  expect(metric(monitor, 'DetectionsRefused')).toBe(0);
  expect(own(monitor)).toMatchObject([
    { severity: 'low', title: expect.stringContaining('only as 2 queries (2 + 1)') },
  ]);
});

test('an event of another text that fits a refused detection counts', async () => {
  const both: HeldEvent = {
    at: '2026-03-01T08:53:00.000',
    message: "Running command: ['bash', '-c', 'airflow users add-role -u zoe -r Viewer']",
  };
  const monitor = refusingMonitor([both], refusing('privilege-command-run'));
  await ticks(monitor, '08:55', '09:00', '09:05');
  expect(told(monitor, 'zoe')).toBe(true);
});

test('a run that dies between its finding and storing what was learnt reports the finding once', async () => {
  const monitor = refusingMonitor(events, refusing('privilege-command-run'));
  await ticks(monitor, '08:55');
  const kept = monitor.table.raw('state');
  kept.splice(
    kept.findIndex(({ sk }) => sk?.S === 'refused-texts'),
    1,
  );
  await ticks(monitor, '09:00', '09:05');
  expect(own(monitor)).toHaveLength(1);
  const detection: OwnFinding['detection'] = 'detection-refused';
  expect(own(monitor)[0].detections).toEqual([detection]);
  expect(allGroups).toContain(task);
});
