import { type ApprovedChange, approvalsOf } from '../../lambda/approvals.ts';
import type { CorrelationSettings } from '../../lambda/findings/correlation-state.ts';
import { detectionsById } from '../../lambda/findings/detection-in-plan.ts';
import { observeEvent } from '../../lambda/findings/event-identity.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';
import type { Slice } from '../../lambda/lanes.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { RowReader, UnreadableRows } from '../../lambda/slice-rows.ts';
import type { Verdicts } from '../../lambda/verdicts.ts';
import type { Window } from '../../lambda/windows.ts';
import { AnyTypeVerdicts, askedAsAnyType } from './any-type.ts';
import { cutWindows } from './cut-windows.ts';
import { deriveFindings } from './derive-findings.ts';
import { type QueryEngine, readPack } from './read-pack.ts';

export interface ReplayOptions {
  readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax' | 'detections'>;
  /** Which detections an event belongs to. @default the plan's candidates decide */
  readonly verdicts?: Pick<Verdicts, 'decide'>;
  /** @default none */
  readonly approvedChanges?: readonly ApprovedChange[];
  /** Which Airflow wrote the lines: `2.10.3`. @default unknown: what a line says of its version counts */
  readonly airflowVersion?: string | undefined;
  readonly settings: CorrelationSettings;
  /** Where the log groups are: links lead there. */
  readonly region: string;
  readonly logGroups: readonly string[];
  /** The log group of lines whose log type is not known. @default - there is none */
  readonly unknownTypeGroup?: string;
  /** What is read, on whole seconds. */
  readonly range: Window;
  /** How much of it at once, in whole seconds: it makes no difference to what is found. */
  readonly sliceMs: number;
  /** Up to when events were ingested; the findings are detected then. */
  readonly nowEpochMs: number;
}

/** What the pack found in logs. */
export interface Replayed {
  /** Each once, in its final state, in the order of their first lines. */
  readonly findings: readonly Finding[];
  /** Those of approved changes, likewise. */
  readonly approved: readonly Finding[];
  /** Events that a detection matched. */
  readonly matchedEvents: number;
  readonly bytesScanned: number;
  /** Where not every matching event could be read. */
  readonly cutOff: readonly Slice[];
  /** Rows of the engine that say nothing that can be read. */
  readonly unreadable: readonly UnreadableRows[];
}

/**
 * Runs the detections over logs that an engine holds, slice by slice as the monitor does: the same
 * texts, the same reading of their rows, the same correlation. What still waits for further lines
 * at the end is decided as if none came.
 *
 * @param onProgress told how many of how many slices are done
 */
export async function replayLogs(
  engine: QueryEngine,
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

/** What is asked of which log groups: of those that there are. */
function askedGroups(
  engine: QueryEngine,
  { logGroups, unknownTypeGroup }: ReplayOptions,
): { readonly asked: QueryEngine; readonly logGroups: readonly string[] }[] {
  return [
    { asked: engine, logGroups },
    {
      asked: askedAsAnyType(engine),
      logGroups: unknownTypeGroup === undefined ? [] : [unknownTypeGroup],
    },
  ].filter((one) => one.logGroups.length > 0);
}
