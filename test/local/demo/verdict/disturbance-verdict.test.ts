import type { LateChangeResult, TickResult } from '../../../../local/demo/result/demo-result.ts';
import {
  type DisturbedRun,
  disturbanceDisagreements,
} from '../../../../local/demo/verdict/collect-result.ts';
import { minuteMs, sampleFinding, startEpochMs } from '../sample-result.ts';

const late = sampleFinding({ late: true });
const change: LateChangeResult = {
  findingId: late.id,
  title: late.title,
  severity: late.severity,
  lane: 'near',
  happenedEpochMs: Date.parse(late.firstSeen),
  cameEpochMs: startEpochMs + 3 * minuteMs,
  scannedTickEpochMs: startEpochMs + 2 * minuteMs,
  foundTickEpochMs: late.notifiedEpochMs,
  places: late.evidence.map(({ logGroup, logStream, timestamp }) => ({
    ...{ logGroup, logStream },
    timestamp: Date.parse(timestamp),
  })),
  addRoleEvents: {},
};

/** Eight ticks with a scan lag of five minutes; the tick after a missed one reads its time. */
function ticksWith(missed: readonly number[]): TickResult[] {
  let from = startEpochMs - 5 * minuteMs;
  return Array.from({ length: 8 }, (_, at) => {
    const tickEpochMs = startEpochMs + at * minuteMs;
    if (missed.includes(at)) return { tickEpochMs, missed: true as const, durationMs: 0 };
    const endEpochMs = tickEpochMs - 4 * minuteMs;
    const span = { lane: 'scan' as const, startEpochMs: from, endEpochMs, logGroups: 5 };
    from = endEpochMs;
    return { tickEpochMs, durationMs: 1, reading: { spans: [span] } };
  });
}

const base: DisturbedRun = {
  ticks: ticksWith([1, 2, 3, 4, 5]),
  findings: [late],
  lateChanges: [change],
  sumOfLateChanges: 1,
  outage: {
    startEpochMs: startEpochMs + minuteMs,
    endEpochMs: startEpochMs + 6 * minuteMs,
    ticks: 5,
  },
  expectedIds: new Set([late.id]),
  silent: {
    alarm: { evaluationPeriods: 3 },
    changes: [{ atEpochMs: startEpochMs + 5 * minuteMs, state: 'ALARM', reason: '' }],
  },
};

test('none when the same findings are notified, the late ones by their sweep, and the outage fired the alarm', () => {
  expect(disturbanceDisagreements(base)).toEqual([]);
});

test.each<[string, Partial<DisturbedRun>, RegExp]>([
  ['a lost finding', { findings: [], sumOfLateChanges: 0 }, /finds it, but it was not notified/],
  ['an unexpected finding', { expectedIds: new Set() }, /an undisturbed run does not find it/],
  [
    'a late finding that is not marked as late',
    { findings: [sampleFinding()], sumOfLateChanges: 0 },
    /its lines arrived late, but it is not marked as late/,
  ],
  [
    'a finding that another tick notified',
    { lateChanges: [{ ...change, foundTickEpochMs: startEpochMs + 6 * minuteMs }] },
    /the near sweep should find it at 2026-11-22T05:53Z, but it was notified at 2026-11-22T05:51Z/,
  ],
  [
    'a finding without its late lines',
    { lateChanges: [{ ...change, places: [{ logGroup: 'g', logStream: 's', timestamp: 0 }] }] },
    /some of its late lines are missing from its evidence/,
  ],
  [
    'a sum of LateChanges that differs',
    { sumOfLateChanges: 2 },
    /LateChanges adds up to 2, but findings notified as late: 1/,
  ],
  [
    'a span that nobody read',
    { ticks: ticksWith([]).toSpliced(3, 1) },
    /lane scan: 2026-11-22T05:45Z to 2026-11-22T05:46Z was not read/,
  ],
  [
    'a long outage without an alarm',
    { silent: { alarm: { evaluationPeriods: 3 }, changes: [] } },
    /no alarm fired during the 5 ticks without the monitor/,
  ],
])('%s is a disagreement', (_, changes, expected) => {
  expect(disturbanceDisagreements({ ...base, ...changes })).toEqual([
    expect.stringMatching(expected),
  ]);
});

test('an outage too short for the alarm need not fire it', () => {
  const outage = { startEpochMs, endEpochMs: startEpochMs + minuteMs, ticks: 1 };
  const silent = { alarm: { evaluationPeriods: 3 }, changes: [] };
  expect(disturbanceDisagreements({ ...base, outage, silent })).toEqual([]);
});
