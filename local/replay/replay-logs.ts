import {
  type WithinBudget,
  withinBudget,
  withoutForeignResults,
} from '../../lambda/findings/change-budget.ts';
import { addToFlood, hourOf } from '../../lambda/findings/change-flood.ts';
import type { CorrelationSettings } from '../../lambda/findings/correlation-state.ts';
import { deriveStream } from '../../lambda/findings/derive-stream.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { FindingMaker } from '../../lambda/findings/finding-maker.ts';
import { floodRecord } from '../../lambda/findings/flood-finding.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';
import type { Slice } from '../../lambda/lanes.ts';
import { streamIdOf } from '../../lambda/ledger/seen-events.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { RowReader, UnreadableRows } from '../../lambda/slice-rows.ts';
import { Verdicts } from '../../lambda/verdicts.ts';
import type { Window } from '../../lambda/windows.ts';
import { cutWindows } from './cut-windows.ts';
import { type QueryEngine, readPack } from './read-pack.ts';

export interface ReplayOptions {
  readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax'>;
  /** Which detections an event belongs to. @default those of the plan's candidates */
  readonly verdicts?: Pick<Verdicts, 'decide'>;
  readonly findingMaker: Pick<FindingMaker, 'observe' | 'present'>;
  readonly settings: CorrelationSettings;
  /** Where the log groups are: links lead there. */
  readonly region: string;
  readonly logGroups: readonly string[];
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
  const { plan, findingMaker, settings, region, logGroups, nowEpochMs } = options;
  const rowReader: RowReader = {
    verdicts: options.verdicts ?? new Verdicts(plan.candidates),
    observe: (event) => findingMaker.observe(event),
  };
  const lines: ObservedEvent[] = [];
  const windows = cutWindows(options.range, options.sliceMs);
  const cutOff: Slice[] = [];
  const unreadable: UnreadableRows[] = [];
  let bytesScanned = 0;
  for (const [at, window] of windows.entries()) {
    const reading = await readPack(engine, plan, { logGroups, window }, nowEpochMs, rowReader);
    const observed = reading.events
      .map(({ seen }) => seen)
      .filter(({ signals }) => signals.length > 0);
    for (const event of observed) lines.push(event);
    bytesScanned += reading.bytesScanned;
    cutOff.push(...reading.cutOff);
    unreadable.push(...reading.unreadable);
    onProgress(at + 1, windows.length);
  }
  const streams = Map.groupBy(lines, ({ logGroup, logStream }) =>
    JSON.stringify([logGroup, logStream]),
  );
  const parted = [...streams.values()].map((stream) =>
    // Nothing was read before: what exceeds the budget of a minute is one finding, as in the monitor.
    withinBudget(withoutForeignResults(stream, settings), () => false),
  );
  const findings = [
    ...parted
      .flatMap((stream) => deriveStream(stream.lines, Number.POSITIVE_INFINITY, settings).changes)
      .map((change) => findingMaker.present(change, nowEpochMs)),
    ...parted.flatMap((stream) =>
      floodFindings(stream, { environment: settings.environment, region, nowEpochMs }),
    ),
  ]
    // Evidence that nothing else came to join is no finding.
    .filter(({ severity }) => severity !== 'info')
    .sort(byFirstLine);
  const matchedEvents = parted.reduce(
    (sum, { lines: one, rest }) => sum + one.length + rest.length,
    0,
  );
  return { findings, matchedEvents, bytesScanned, cutOff, unreadable };
}

/** What exceeds the budget of one stream, by the hour. */
function floodFindings(
  { lines, rest }: WithinBudget,
  about: { readonly environment: string; readonly region: string; readonly nowEpochMs: number },
): Finding[] {
  const shortened = lines.filter(({ omitted }) => omitted !== undefined);
  const hours = Map.groupBy([...rest, ...shortened], ({ timestamp }) => hourOf(timestamp));
  return [...hours].flatMap(([hourEpochMs, each]) => {
    const isOfHour = ({ timestamp }: ObservedEvent) => hourOf(timestamp) === hourEpochMs;
    const flood = addToFlood(undefined, rest.filter(isOfHour), shortened.filter(isOfHour));
    const [first] = each;
    if (flood === undefined || first === undefined) return [];
    const { logGroup, logStream } = first;
    const place = { logGroup, logStream, streamId: streamIdOf(first), hourEpochMs };
    const { environment, region, nowEpochMs: tickEpochMs } = about;
    return [floodRecord(flood, place, { environment, region, tickEpochMs }).finding];
  });
}

function byFirstLine(a: Finding, b: Finding): number {
  return Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || (a.id < b.id ? -1 : 1);
}
