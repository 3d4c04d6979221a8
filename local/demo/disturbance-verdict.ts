import { metricDefinitions } from '../../lambda/metric-definitions.ts';
import { evaluationRangeExtraPeriods } from '../alarms/evaluation-range.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import type { AlarmResult, DemoResult, FindingResult, LateChangeResult } from './demo-result.ts';
import { placeKey } from './session.ts';

/** What a run with an outage or late changes is held to. */
export interface DisturbedRun
  extends Pick<DemoResult, 'ticks' | 'findings' | 'lateChanges' | 'sumOfLateChanges' | 'outage'> {
  /** Ids of the findings that people would be told of if nothing had been disturbed. */
  readonly expectedIds: ReadonlySet<string>;
  /** The alarm on the heartbeat, and what it did. */
  readonly silent?: {
    readonly alarm: Pick<MetricAlarm, 'evaluationPeriods'>;
    readonly changes: AlarmResult['changes'];
  };
}

/**
 * Holds a disturbed run to what an undisturbed one finds.
 *
 * @returns one sentence a disagreement; none when the same findings were told, each late one by the
 *   sweep that was to find it, when nothing was left unread, and when a long outage rang
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
      : [`${lateSum} adds up to ${sumOfLateChanges}, ${late} findings were told as late`]),
    ...holes(run),
    ...unnoticed(run),
  ];
}

function differences({ findings, expectedIds }: DisturbedRun): string[] {
  const told = new Set(findings.map(({ id }) => id));
  return [
    ...[...expectedIds]
      .filter((id) => !told.has(id))
      .map((id) => `finding ${id}: an undisturbed run finds it, and nobody was told`),
    ...[...told]
      .filter((id) => !expectedIds.has(id))
      .map((id) => `finding ${id}: it was told, and an undisturbed run does not find it`),
  ];
}

function lateDisagreements(
  { findingId, lane, places, foundTickEpochMs }: LateChangeResult,
  findings: readonly FindingResult[],
): string[] {
  const found = findings.find(({ id }) => id === findingId);
  // That it is missing has been said.
  if (found === undefined) return [];
  const shown = new Set(found.evidence.map(placeKey));
  const told = found.notifiedEpochMs;
  return [
    ...(found.late ? [] : [`finding ${findingId}: its lines came late, and it does not say so`]),
    ...(told === foundTickEpochMs
      ? []
      : [
          `finding ${findingId}: the ${lane} sweep was to find it at ${iso(foundTickEpochMs)}, people were told at ${iso(told)}`,
        ]),
    ...(places.every((place) => shown.has(placeKey({ ...place })))
      ? []
      : [`finding ${findingId}: not all of its late lines are in its evidence`]),
  ];
}

/** The spans that a lane has read must follow upon each other. */
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

/** Where periods without a heartbeat fill the alarm's range, it must have rung. */
function unnoticed({ outage, silent }: DisturbedRun): string[] {
  if (outage === undefined || silent === undefined) return [];
  const { alarm, changes } = silent;
  if (outage.ticks < alarm.evaluationPeriods + evaluationRangeExtraPeriods) return [];
  const rang = changes.some(
    ({ state, atEpochMs }) =>
      state === 'ALARM' && atEpochMs > outage.startEpochMs && atEpochMs <= outage.endEpochMs,
  );
  return rang ? [] : [`no alarm rang during the ${outage.ticks} ticks without the monitor`];
}

function iso(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16)}Z`;
}
