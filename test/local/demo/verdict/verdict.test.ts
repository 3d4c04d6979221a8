import { disagreements } from '../../../../local/demo/verdict/verdict.ts';
import { sampleGroup, sampleResult, startEpochMs } from '../sample-result.ts';

const { ticks } = sampleResult();
const { alarmedEpochMs: _alarmed, notifiedEpochMs: _notified, ...silentGroup } = sampleGroup();

describe('disagreements', () => {
  test('none when sums agree and the group with matches alarmed and notified', () => {
    expect(disagreements([sampleGroup()], ticks)).toEqual([]);
  });

  test('a sum that differs from the input is reported with both numbers', () => {
    const found = disagreements([sampleGroup({ eventsWithAddRole: 8 })], ticks);
    expect(found).toEqual([
      'airflow-Prod-Task: the metric adds up to 7, the input contains 8 events with add-role',
    ]);
  });

  test('exactly the late events are missing from the sum', () => {
    const group = sampleGroup({ eventsWithAddRole: 9, lateWithAddRole: 2 });
    expect(disagreements([group], ticks)).toEqual([]);
    expect(disagreements([sampleGroup({ ...group, sumOfMatches: 9 })], ticks)).toEqual([
      'airflow-Prod-Task: the metric adds up to 9, the input contains 7 events with add-role that arrived in time',
    ]);
  });

  test('a missed tick need not publish anything', () => {
    const { matchesByTick } = sampleGroup();
    const group = sampleGroup({ matchesByTick: matchesByTick.slice(1) });
    const [first, ...rest] = ticks;
    const missed = { tickEpochMs: startEpochMs, durationMs: 0, ...first, missed: true as const };
    expect(disagreements([group], [missed, ...rest])).toEqual([]);
  });

  test('a group with matches that neither alarmed nor notified gives two disagreements', () => {
    expect(disagreements([silentGroup], ticks)).toEqual([
      'airflow-Prod-Task: its alarm did not go to ALARM',
      'airflow-Prod-Task: no notification was sent',
    ]);
  });

  test('a group without matches need not alarm, and must not', () => {
    const quiet = { ...silentGroup, eventsWithAddRole: 0, sumOfMatches: 0 };
    expect(disagreements([quiet], ticks)).toEqual([]);
    expect(disagreements([{ ...quiet, alarmedEpochMs: startEpochMs }], ticks)).toEqual([
      'airflow-Prod-Task: its alarm went to ALARM without a match',
    ]);
  });

  test('a tick without a value does not count as zero', () => {
    const { matchesByTick } = sampleGroup();
    expect(disagreements([sampleGroup({ matchesByTick: matchesByTick.slice(1) })], ticks)).toEqual([
      'airflow-Prod-Task: 1 of 12 ticks published no value',
    ]);
  });

  test('a failed invocation is a disagreement even when the sums agree', () => {
    const [first, ...rest] = ticks;
    const failed = { tickEpochMs: startEpochMs, durationMs: 1, ...first, error: 'Error: no' };
    expect(disagreements([sampleGroup()], [failed, ...rest])).toEqual([
      'the tick 2026-11-22T05:47 failed: Error: no',
    ]);
  });
});
