import { metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import { evaluationRangeExtraPeriods } from '../../alarms/evaluation-range.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import type {
  AlarmResult,
  DemoResult,
  FindingResult,
  LateChangeResult,
} from '../result/demo-result.ts';
import { placeKey } from '../session/session.ts';

/** A run with an outage or late changes, and what is expected of it. */
export interface DisturbedRun
  extends Pick<DemoResult, 'ticks' | 'findings' | 'lateChanges' | 'sumOfLateChanges' | 'outage'> {
  /** Ids of the findings that an undisturbed run notifies. */
  readonly expectedIds: ReadonlySet<string>;
  /** The alarm on the heartbeat, and its state changes. */
  readonly silent?: {
    readonly alarm: Pick<MetricAlarm, 'evaluationPeriods'>;
    readonly changes: AlarmResult['changes'];
  };
}

/**
 * Compares a disturbed run with an undisturbed one.
 *
 * @returns one sentence per disagreement; none when the same findings were notified, each late
 *   one by the expected sweep, everything was read, and a long outage fired the alarm
 */
export function disturbanceDisagreements(run: DisturbedRun): string[] {
  const { findings, lateChanges, sumOfLateChanges } = run;
  const late = findings.filter((finding) => finding.late).length;
  const lateSum = metricDefinitions.lateChanges.name;
  return [
    ...differences(run),
    ...lateChanges.flatMap((change) => lateDisagreements(change, findings)),
    ...(sumOfLateChanges === late
      ? []
      : [`${lateSum} adds up to ${sumOfLateChanges}, but findings notified as late: ${late}`]),
    ...holes(run),
    ...unnoticed(run),
  ];
}

function differences({ findings, expectedIds }: DisturbedRun): string[] {
  const notified = new Set(findings.map(({ id }) => id));
  return [
    ...[...expectedIds]
      .filter((id) => !notified.has(id))
      .map((id) => `finding ${id}: an undisturbed run finds it, but it was not notified`),
    ...[...notified]
      .filter((id) => !expectedIds.has(id))
      .map((id) => `finding ${id}: it was notified, but an undisturbed run does not find it`),
  ];
}

function lateDisagreements(
  { findingId, lane, places, foundTickEpochMs }: LateChangeResult,
  findings: readonly FindingResult[],
): string[] {
  const found = findings.find(({ id }) => id === findingId);
  // A missing finding is already reported.
  if (found === undefined) return [];
  const shown = new Set(found.evidence.map(placeKey));
  const notified = found.notifiedEpochMs;
  return [
    ...(found.late
      ? []
      : [`finding ${findingId}: its lines arrived late, but it is not marked as late`]),
    ...(notified === foundTickEpochMs
      ? []
      : [
          `finding ${findingId}: the ${lane} sweep should find it at ${iso(foundTickEpochMs)}, but it was notified at ${iso(notified)}`,
        ]),
    ...(places.every((place) => shown.has(placeKey({ ...place })))
      ? []
      : [`finding ${findingId}: some of its late lines are missing from its evidence`]),
  ];
}

/** The spans that a lane read must leave no gap. */
function holes({ ticks }: DisturbedRun): string[] {
  const spans = ticks.flatMap(({ reading }) => reading?.spans ?? []);
  return [...Map.groupBy(spans, ({ lane }) => lane)].flatMap(([lane, read]) => {
    const sorted = read.toSorted((a, b) => a.startEpochMs - b.startEpochMs);
    let end = sorted[0]?.startEpochMs ?? 0;
    return sorted.flatMap(({ startEpochMs, endEpochMs }) => {
      const before = end;
      end = Math.max(end, endEpochMs);
      return startEpochMs <= before
        ? []
        : [`lane ${lane}: ${iso(before)} to ${iso(startEpochMs)} was not read`];
    });
  });
}

/** When periods without a heartbeat fill the alarm's range, it must have fired. */
function unnoticed({ outage, silent }: DisturbedRun): string[] {
  if (outage === undefined || silent === undefined) return [];
  const { alarm, changes } = silent;
  if (outage.ticks < alarm.evaluationPeriods + evaluationRangeExtraPeriods) return [];
  const rang = changes.some(
    ({ state, atEpochMs }) =>
      state === 'ALARM' && atEpochMs > outage.startEpochMs && atEpochMs <= outage.endEpochMs,
  );
  return rang ? [] : [`no alarm fired during the ${outage.ticks} ticks without the monitor`];
}

function iso(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16)}Z`;
}
