import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { deadlineIn, minuteMs } from '../../../lambda/common/time.ts';
import type { MonitorState } from '../../../lambda/ledger/monitor-state.ts';
import { defaultDuties } from '../../../lambda/model/log-types.ts';
import type { GroupOutcome } from '../../../lambda/scan/scan-groups.ts';
import { afterScan, readCoverage } from '../../../lambda/tick/tick-coverage.ts';
import {
  allGroups,
  awsError,
  environmentAnswer,
  fakeFetch,
  healthyMonitor,
} from '../setup/monitor-fixture.ts';

const tick = Date.parse('2026-03-01T09:00:00Z');
const [task = ''] = allGroups;

function read(
  fixture: ReturnType<typeof healthyMonitor>,
  tickEpochMs = tick,
  remembered: Partial<MonitorState> = {},
) {
  const deadline = deadlineIn(fixture.timer, 60_000);
  return readCoverage(fixture.shell, tickEpochMs, { groups: {}, ...remembered }, deadline);
}

const counts = Object.fromEntries(allGroups.map((logGroup) => [logGroup, 7]));
const counted = { countedTickEpochMs: tick, counts };
const periodsAsked = ({ cloudWatch }: ReturnType<typeof healthyMonitor>) =>
  cloudWatch
    .commandCalls(GetMetricDataCommand)
    .map((call) => call.args[0].input.MetricDataQueries?.[0]?.MetricStat?.Period);
/** How often recent incoming events were queried. */
const questions = (fixture: ReturnType<typeof healthyMonitor>) =>
  periodsAsked(fixture).filter((period) => period === 60).length;
/** How often the incoming events of the last days were queried. */
const historyQuestions = (fixture: ReturnType<typeof healthyMonitor>) =>
  periodsAsked(fixture).filter((period) => period === 3600).length;

describe('the count of incoming events', () => {
  test('is taken by the first tick and remembered with its time', async () => {
    const fixture = healthyMonitor();
    expect((await read(fixture)).remembered.incoming).toEqual(counted);
  });

  test.each([
    [59, 0],
    [60, 1],
    [-59, 0],
    [-60, 1],
  ])('is counted once an hour: %d minutes later it is asked %d times', async (minutes, times) => {
    const fixture = healthyMonitor();
    await read(fixture, tick + minutes * minuteMs, { incoming: counted });
    expect(questions(fixture)).toBe(times);
  });

  test('is queried in each tick until there is an answer', async () => {
    const fixture = healthyMonitor();
    fixture.cloudWatch.on(GetMetricDataCommand).rejects(awsError('AccessDenied'));
    const first = await read(fixture);
    expect(first.remembered.incoming).toMatchObject({
      reason: expect.stringContaining('AccessDenied'),
    });
    await read(fixture, tick + minuteMs, first.remembered);
    expect(questions(fixture)).toBe(2);
  });

  test('makes silent groups blind if they always write, and only warns of the others', async () => {
    const fixture = healthyMonitor();
    fixture.cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
    const { groups } = await read(fixture);
    const blind = groups.filter((group) => group.blind !== undefined);
    expect(blind.map(({ logType, blind }) => [logType, blind?.cause])).toEqual([
      ['DAGProcessing', 'silent'],
      ['Scheduler', 'silent'],
    ]);
    expect(fixture.lines).toContainEqual(
      expect.objectContaining({ decision: 'log-groups-silent', logGroups: allGroups }),
    );
  });
});

describe('the history of incoming events', () => {
  const silence = { told: {}, offUntil: {} };
  const judgedUntilEpochMs = tick - 60 * minuteMs;

  test.each([
    ['before there is a new whole hour, with its values', 14, 0],
    ['when there is one', 15, 1],
  ])('is asked once an hour: %s', async (_, minutes, times) => {
    const fixture = healthyMonitor();
    const remembered = { silence: { ...silence, judgedUntilEpochMs } };
    const { history } = await read(fixture, tick + minutes * minuteMs, remembered);
    expect(historyQuestions(fixture)).toBe(times);
    expect(history?.untilEpochMs).toBe(times === 0 ? undefined : tick);
  });

  test('is queried for the whole hours of eight days, as far as their values are complete', async () => {
    const fixture = healthyMonitor();
    const { history } = await read(fixture);
    const [input] = fixture.cloudWatch
      .commandCalls(GetMetricDataCommand)
      .map((call) => call.args[0].input)
      .filter(({ MetricDataQueries }) => MetricDataQueries?.[0]?.MetricStat?.Period === 3600);
    expect([input?.StartTime, input?.EndTime]).toEqual([
      new Date('2026-02-21T08:00:00Z'),
      new Date('2026-03-01T08:00:00Z'),
    ]);
    expect([...(history?.wroteEpochMs ?? [])].map(([name, hours]) => [name, hours.size])).toEqual(
      allGroups.map((name) => [name, 192]),
    );
  });

  test.each([
    ['is refused', { rejects: awsError('AccessDenied', 'not authorized') }],
    [
      'lacks the times of its values',
      { resolves: { MetricDataResults: [{ Id: 'g0', Values: [1] }] } },
    ],
    [
      'has no values for a reason',
      { resolves: { MetricDataResults: [{ Id: 'g0', StatusCode: 'InternalError' as const }] } },
    ],
  ])('is no silence when the answer %s: the log says so, and coverage stays', async (_, answer) => {
    const fixture = healthyMonitor();
    const ofGroups = fixture.cloudWatch.on(GetMetricDataCommand);
    if ('rejects' in answer) ofGroups.rejects(answer.rejects);
    else ofGroups.resolves(answer.resolves);
    const { history, groups } = await read(fixture, tick, { incoming: counted });
    expect(history).toBeUndefined();
    expect(groups.every(({ blind }) => blind === undefined)).toBe(true);
    expect(fixture.lines).toContainEqual(
      expect.objectContaining({ level: 'error', decision: 'incoming-history-unknown' }),
    );
  });

  test('has no hour with a value of zero, nor a group without a value', async () => {
    const fixture = healthyMonitor();
    const hour = new Date('2026-03-01T05:00:00Z');
    const results = [
      { Id: 'g0', Timestamps: [hour], Values: [0] },
      { Id: 'g1', Timestamps: [hour], Values: [3] },
    ];
    fixture.cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: results });
    const { history } = await read(fixture, tick, { incoming: counted });
    const [first = '', second = ''] = allGroups;
    expect(history?.wroteEpochMs.get(first)).toEqual(new Set());
    expect(history?.wroteEpochMs.get(second)).toEqual(new Set([hour.getTime()]));
  });
});

test('which log types always write is configurable: silence of the others may be normal', async () => {
  const fixture = healthyMonitor();
  fixture.cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
  const neverSilent = ['Scheduler', 'Worker'] as const;
  const duties = { ...defaultDuties, DAGProcessing: 'required', Worker: 'never-silent' };
  Object.assign(fixture.shell, { config: { ...fixture.shell.config, logTypes: duties } });
  const { groups } = await read(fixture);
  const silent = groups.flatMap(({ logType, blind }) => (blind?.cause === 'silent' ? logType : []));
  expect(silent).toEqual(neverSilent);
});

test('services that do not answer cost at most ten seconds: the scan matters more', async () => {
  const fixture = healthyMonitor();
  const away = awsError('ServiceUnavailableException', 'away', 503);
  fixture.logs.on(DescribeLogGroupsCommand).rejects(away);
  const { groups } = await read(fixture);
  expect(fixture.timer.nowMs).toBe(10_000);
  expect(groups.every(({ blind, scan }) => blind?.cause === 'unknown' && scan)).toBe(true);
});

describe('a missing answer', () => {
  const throttled = awsError('ThrottlingException', 'Rate exceeded', 400);
  const denied = awsError('AccessDeniedException', 'not authorized', 400);
  type Fixture = ReturnType<typeof healthyMonitor>;
  const failingMwaa = (status: number, errorType: string) => (fixture: Fixture) => {
    const { fetch } = fakeFetch(status, { message: 'no' }, errorType);
    Object.assign(fixture.shell, { mwaa: { ...fixture.shell.mwaa, fetch } });
  };
  const failingLogs = (error: Error) => (fixture: Fixture) => {
    fixture.logs.on(DescribeLogGroupsCommand).rejects(error);
  };
  const failingMetrics = (error: Error) => (fixture: Fixture) => {
    fixture.cloudWatch.on(GetMetricDataCommand).rejects(error);
  };
  /** The causes and the log of a tick in which this fails, some minutes after a healthy one. */
  async function later(minutes: number, ...failing: readonly ((fixture: Fixture) => void)[]) {
    const { remembered } = await read(healthyMonitor());
    const fixture = healthyMonitor();
    for (const fail of failing) fail(fixture);
    const known = await read(fixture, tick + minutes * minuteMs, remembered);
    return {
      ...{ known, remembered },
      causes: new Set(known.groups.map(({ blind }) => blind?.cause)),
      decisions: fixture.lines.map(({ decision }) => decision),
    };
  }
  const covered = new Set([undefined]);
  const unknown = new Set(['unknown']);

  test.each<[string, (fixture: Fixture) => void, string]>([
    ['throttled GetEnvironment', failingMwaa(400, 'ThrottlingException'), 'environment-kept'],
    ['unavailable GetEnvironment', failingMwaa(503, 'ServiceUnavailable'), 'environment-kept'],
    ['GetEnvironment answered 500', failingMwaa(500, 'InternalServer'), 'environment-kept'],
    ['throttled DescribeLogGroups', failingLogs(throttled), 'log-groups-kept'],
    [
      'DescribeLogGroups without an answer',
      failingLogs(awsError('TimeoutError')),
      'log-groups-kept',
    ],
  ])('is replaced by the one before, and the log says so: %s', async (_case, failing, decision) => {
    const { causes, decisions, known, remembered } = await later(60, failing);
    expect(causes).toEqual(covered);
    expect(decisions).toContain(decision);
    // The stored answer ages: the next tick must know how old it is.
    const kept = decision === 'environment-kept' ? 'environment' : 'logGroups';
    expect(known.remembered[kept]).toEqual(remembered[kept]);
  });

  test.each<[string, number, (fixture: Fixture) => void]>([
    ['more than an hour old', 61, failingMwaa(400, 'ThrottlingException')],
    ['more than an hour old', 61, failingLogs(throttled)],
    ['of before a refusal', 5, failingMwaa(403, 'AccessDeniedException')],
    ['of before a refusal', 5, failingLogs(denied)],
  ])('is not replaced by one that is %s', async (_case, minutes, failing) => {
    const { causes, decisions } = await later(minutes, failing);
    expect(causes).toEqual(unknown);
    expect(decisions).not.toContain('environment-kept');
    expect(decisions).not.toContain('log-groups-kept');
  });

  test('is not replaced if MWAA no longer has the environment', async () => {
    const gone = failingMwaa(404, 'ResourceNotFoundException');
    expect((await later(5, gone)).causes).toEqual(new Set(['environment-not-found']));
  });

  test.each([
    ['a refusal', failingMwaa(403, 'AccessDeniedException')],
    ['an environment that is gone', failingMwaa(404, 'ResourceNotFoundException')],
  ])('is not replaced by what was known before %s', async (_case, ending) => {
    const { known } = await later(5, ending);
    const fixture = healthyMonitor();
    failingMwaa(400, 'ThrottlingException')(fixture);
    const { groups } = await read(fixture, tick + 10 * minuteMs, known.remembered);
    expect(new Set(groups.map(({ blind }) => blind?.cause))).toEqual(unknown);
  });

  test('in the very first tick has no replacement', async () => {
    const fixture = healthyMonitor();
    failingMwaa(400, 'ThrottlingException')(fixture);
    const { groups } = await read(fixture);
    expect(new Set(groups.map(({ blind }) => blind?.cause))).toEqual(unknown);
  });

  test.each([
    [120, throttled, covered],
    [121, throttled, new Set(['unknown', undefined])],
    [60, denied, new Set(['unknown', undefined])],
  ])(
    'is replaced by the last count for one more hour: %d minutes, %s',
    async (minutes, error, causes) => {
      const later1 = await later(minutes, failingMetrics(error));
      expect(later1.causes).toEqual(causes);
      expect(later1.decisions.includes('incoming-events-kept')).toBe(causes === covered);
    },
  );

  test('is replaced by all settings of that time, including the log level', async () => {
    const before = healthyMonitor();
    const { fetch } = fakeFetch(
      200,
      environmentAnswer({ TaskLogs: { Enabled: true, LogLevel: 'ERROR' } }),
    );
    Object.assign(before.shell, { mwaa: { ...before.shell.mwaa, fetch } });
    const { remembered } = await read(before);
    const fixture = healthyMonitor();
    failingMwaa(400, 'ThrottlingException')(fixture);
    const { groups } = await read(fixture, tick + 5 * minuteMs, remembered);
    expect(groups.map(({ blind }) => blind?.cause).filter(Boolean)).toEqual(['level-above-info']);
  });
});

describe('a group after the scan', () => {
  const error = new Error('it went wrong');
  const group = { logType: 'Task', logGroup: task, scan: true } as const;
  const after = (outcome: GroupOutcome, kmsKeyId?: string) => {
    const existing = { kind: 'known', logGroups: new Map([[task, { kmsKeyId }]]) } as const;
    return afterScan({ groups: [group], existing }, new Map([[task, outcome]]))[0]?.blind;
  };

  test.each<GroupOutcome>([{ kind: 'scanned' }, { kind: 'out-of-reach', error }])(
    'is covered when it was $kind',
    (outcome) => {
      expect(after(outcome)).toBeUndefined();
    },
  );

  test.each<[string, GroupOutcome]>([
    ['scan-failed', { kind: 'failed', error }],
    ['missing', { kind: 'blind', cause: 'missing', error }],
    ['key-unreadable', { kind: 'blind', cause: 'key-unreadable', error }],
  ])('is blind with the cause %s and what went wrong', (cause, outcome) => {
    expect(after(outcome)).toEqual({ cause, detail: 'Error: it went wrong' });
  });

  test('that is encrypted names its key, which may be the missing one', () => {
    const { detail } = after({ kind: 'failed', error }, 'arn:aws:kms:key/1') ?? {};
    expect(detail).toBe('Error: it went wrong; the log group is encrypted with arn:aws:kms:key/1');
  });

  test('that was not queried is as before', () => {
    const existing = { kind: 'unknown', reason: 'r' } as const;
    expect(afterScan({ groups: [group], existing }, new Map())).toEqual([group]);
  });
});
