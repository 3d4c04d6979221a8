import type { AlarmStateValue } from '../../alarms/metric-alarm.ts';
import type { AlarmResult } from '../result/demo-result.ts';

export interface StateSpan {
  readonly state: AlarmStateValue;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** The states that an alarm was in, without gaps, from its creation to the end of the run. */
export function stateSpans(
  { changes }: Pick<AlarmResult, 'changes'>,
  startEpochMs: number,
  endEpochMs: number,
): StateSpan[] {
  const spans: StateSpan[] = [];
  let open: { state: AlarmStateValue; startEpochMs: number } = {
    state: 'INSUFFICIENT_DATA',
    startEpochMs,
  };
  for (const { state, atEpochMs } of changes) {
    if (atEpochMs > open.startEpochMs) spans.push({ ...open, endEpochMs: atEpochMs });
    open = { state, startEpochMs: Math.max(atEpochMs, startEpochMs) };
  }
  if (endEpochMs > open.startEpochMs) spans.push({ ...open, endEpochMs });
  return spans;
}
