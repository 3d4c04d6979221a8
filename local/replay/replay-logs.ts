import { observeEvent } from '../../lambda/lines/event-identity.ts';
import type { CorrelationSettings } from '../../lambda/model/correlation-state.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { type ApprovedChange, approvalsOf } from '../../lambda/plan/approvals.ts';
import { detectionsById } from '../../lambda/plan/detection-in-plan.ts';
import type { Slice } from '../../lambda/plan/lanes.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { RowReader, UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import type { Verdicts } from '../../lambda/scan/verdicts.ts';
import { AnyTypeVerdicts, askedAsAnyType } from './any-type.ts';
import { cutWindows } from './cut-windows.ts';
import { deriveFindings } from './derive-findings.ts';
import { type QueryRunner, readPack } from './read-pack.ts';

export interface ReplayOptions {
  readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax' | 'detections'>;
  /** Which detections an event belongs to. @default the plan's candidates decide */
  readonly verdicts?: Pick<Verdicts, 'decide'>;
  /** @default none */
  readonly approvedChanges?: readonly ApprovedChange[];
  /** Which Airflow wrote the lines: `2.10.3`. @default unknown: what a line says of its version counts */
  readonly airflowVersion?: string | undefined;
  readonly settings: CorrelationSettings;
  /** The log groups' Region, for links. */
  readonly region: string;
  readonly logGroups: readonly string[];
  /** The log group of lines of unknown log type. @default - there is none */
  readonly unknownTypeGroup?: string;
  /** The time to read, in whole seconds. */
  readonly range: Window;
  /** The length of a slice, in whole seconds; it does not affect the findings. */
  readonly sliceMs: number;
  /** The ingestion time up to which events are visible; also the findings' detection time. */
  readonly nowEpochMs: number;
}

/** The pack's result on logs. */
export interface Replayed {
  /** Each finding once, in its final state, ordered by first line. */
  readonly findings: readonly Finding[];
  /** Findings about approved changes, likewise. */
  readonly approved: readonly Finding[];
  /** Number of events that a detection matched. */
  readonly matchedEvents: number;
  readonly bytesScanned: number;
  /** Slices in which not every matching event could be read. */
  readonly cutOff: readonly Slice[];
  /** Rows of the engine that cannot be read. */
  readonly unreadable: readonly UnreadableRows[];
}

/**
 * Runs the detections over the logs of an engine, slice by slice as the monitor does: the same
 * queries, the same reading of their rows, the same correlation. Changes still pending at the end
 * are resolved as if no further lines followed.
 *
 * @param onProgress called with the number of slices done and in total
 */
export async function replayLogs(
  engine: QueryRunner,
  options: ReplayOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Replayed> {
  const { plan, settings, region, nowEpochMs, approvedChanges = [], airflowVersion } = options;
  const detections = detectionsById(plan);
  const rowReader: RowReader = {
    verdicts: options.verdicts ?? new AnyTypeVerdicts(plan.candidates),
    observe: (event) => observeEvent(event, { detections, airflowVersion }),
  };
  const lines: ObservedEvent[] = [];
  const windows = cutWindows(options.range, options.sliceMs);
  const cutOff: Slice[] = [];
  const unreadable: UnreadableRows[] = [];
  let bytesScanned = 0;
  for (const [at, window] of windows.entries()) {
    for (const { asked, logGroups } of askedGroups(engine, options)) {
      const reading = await readPack(asked, plan, { logGroups, window }, nowEpochMs, rowReader);
      const observed = reading.events
        .map(({ seen }) => seen)
        .filter(({ signals }) => signals.length > 0);
      for (const event of observed) lines.push(event);
      bytesScanned += reading.bytesScanned;
      cutOff.push(...reading.cutOff);
      unreadable.push(...reading.unreadable);
    }
    onProgress(at + 1, windows.length);
  }
  const { findings, approved, matchedEvents } = deriveFindings(lines, {
    ...{ detections, settings, region },
    detectedAtEpochMs: nowEpochMs,
    isApproved: (change) => approvalsOf(change, approvedChanges).length > 0,
  });
  return { findings, approved, matchedEvents, bytesScanned, cutOff, unreadable };
}

/** The engine for each existing set of log groups. */
function askedGroups(
  engine: QueryRunner,
  { logGroups, unknownTypeGroup }: ReplayOptions,
): { readonly asked: QueryRunner; readonly logGroups: readonly string[] }[] {
  return [
    { asked: engine, logGroups },
    {
      asked: askedAsAnyType(engine),
      logGroups: unknownTypeGroup === undefined ? [] : [unknownTypeGroup],
    },
  ].filter((one) => one.logGroups.length > 0);
}
