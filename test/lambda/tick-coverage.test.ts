import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { MonitorState } from '../../lambda/ledger/monitor-state.ts';
import type { GroupOutcome } from '../../lambda/scan-groups.ts';
import { afterScan, readCoverage } from '../../lambda/tick-coverage.ts';
import { deadlineIn } from '../../lambda/time.ts';
import { allGroups, awsError, healthyMonitor } from './monitor-fixture.ts';

const tick = Date.parse('2026-03-01T09:00:00Z');
const minuteMs = 60_000;
const [task = ''] = allGroups;

function read(
  fixture: ReturnType<typeof healthyMonitor>,
  tickEpochMs = tick,
  incoming?: MonitorState['incoming'],
) {
  const deadline = deadlineIn(fixture.timer, 60_000);
  return readCoverage(fixture.shell, tickEpochMs, { groups: {}, incoming }, deadline);
}

const counts = Object.fromEntries(allGroups.map((logGroup) => [logGroup, 7]));
const counted = { countedTickEpochMs: tick, counts };
const questions = ({ cloudWatch }: ReturnType<typeof healthyMonitor>) =>
  cloudWatch.commandCalls(GetMetricDataCommand).length;

describe('what came in', () => {
  test('is counted by the first tick, and remembered with the tick', async () => {
    const fixture = healthyMonitor();
    expect((await read(fixture)).incoming).toEqual(counted);
  });

  test.each([
    [59, 0],
    [60, 1],
    [-59, 0],
    [-60, 1],
  ])('is counted once an hour: %d minutes later it is asked %d times', async (minutes, times) => {
    const fixture = healthyMonitor();
    await read(fixture, tick + minutes * minuteMs, counted);
    expect(questions(fixture)).toBe(times);
  });

  test('is asked again in each tick until there is an answer', async () => {
    const fixture = healthyMonitor();
    fixture.cloudWatch.on(GetMetricDataCommand).rejects(awsError('AccessDenied'));
    const first = await read(fixture);
    expect(first.incoming).toMatchObject({ reason: expect.stringContaining('AccessDenied') });
    await read(fixture, tick + minuteMs, first.incoming);
    expect(questions(fixture)).toBe(2);
  });

  test('blinds the groups that always write, and only warns of the others', async () => {
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

test('services that do not answer cost ten seconds at the most: the scan is worth more', async () => {
  const fixture = healthyMonitor();
  const away = awsError('ServiceUnavailableException', 'away', 503);
  fixture.logs.on(DescribeLogGroupsCommand).rejects(away);
  const { groups } = await read(fixture);
  expect(fixture.timer.nowMs).toBe(10_000);
  expect(groups.every(({ blind, scan }) => blind?.cause === 'unknown' && scan)).toBe(true);
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

  test('that is encrypted names its key, which may be what is missing', () => {
    const { detail } = after({ kind: 'failed', error }, 'arn:aws:kms:key/1') ?? {};
    expect(detail).toBe('Error: it went wrong; the log group is encrypted with arn:aws:kms:key/1');
  });

  test('that was not asked is what it was before', () => {
    const existing = { kind: 'unknown', reason: 'r' } as const;
    expect(afterScan({ groups: [group], existing }, new Map())).toEqual([group]);
  });
});
