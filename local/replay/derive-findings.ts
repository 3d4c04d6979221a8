import {
  type WithinBudget,
  withinBudget,
  withoutForeignResults,
} from '../../lambda/findings/change-budget.ts';
import { addToFlood, hourOf } from '../../lambda/findings/change-flood.ts';
import type { Change, CorrelationSettings } from '../../lambda/findings/correlation-state.ts';
import { deriveStream } from '../../lambda/findings/derive-stream.ts';
import type { DetectionsById } from '../../lambda/findings/detection-in-plan.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { floodRecord } from '../../lambda/findings/flood-finding.ts';
import { presentFinding } from '../../lambda/findings/present.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';
import { streamIdOf } from '../../lambda/ledger/seen-events.ts';

export interface DeriveOptions {
  /** The plan's. */
  readonly detections: DetectionsById;
  readonly settings: CorrelationSettings;
  /** Where the log groups are: links lead there. */
  readonly region: string;
  /** When it is said that the findings were detected. */
  readonly detectedAtEpochMs: number;
  /** Changes for which this holds are told apart. @default none */
  readonly isApproved?: (change: Change) => boolean;
}

/** What lines come to that were read in full. */
export interface DerivedFindings {
  /** Each once, in its final state, in the order of their first lines. */
  readonly findings: readonly Finding[];
  /** Those of approved changes, in the same order. */
  readonly approved: readonly Finding[];
  /** Events that a detection matched. */
  readonly matchedEvents: number;
}

/**
 * The findings of all lines of a span of time: a function of the lines alone, not of the slices in
 * which they were read. What still waits for further lines at the end is decided as if none came.
 *
 * @param lines with at least one signal each, every event once; those of one millisecond of a log
 *   stream in the order in which they were read
 */
export function deriveFindings(
  lines: readonly ObservedEvent[],
  options: DeriveOptions,
): DerivedFindings {
  const { detections, settings, region, detectedAtEpochMs, isApproved = () => false } = options;
  const { environment } = settings;
  const streams = Map.groupBy(lines, ({ logGroup, logStream }) =>
    JSON.stringify([logGroup, logStream]),
  );
  const parted = [...streams.values()].map((stream) =>
    // Nothing was read before: what exceeds the budget of a minute is one finding, as in the monitor.
    withinBudget(withoutForeignResults(stream, settings), () => false),
  );
  const changes = parted.flatMap(
    (stream) => deriveStream(stream.lines, Number.POSITIVE_INFINITY, settings).changes,
  );
  const { approved = [], others = [] } = Object.groupBy(changes, (change) =>
    isApproved(change) ? 'approved' : 'others',
  );
  const present = (change: Change) =>
    presentFinding(change, { environment, region, detections, detectedAtEpochMs });
  return {
    findings: inOrder([
      ...others.map(present),
      ...parted.flatMap((stream) => floodFindings(stream, options)),
    ]),
    approved: inOrder(approved.map(present)),
    matchedEvents: parted.reduce((sum, { lines: one, rest }) => sum + one.length + rest.length, 0),
  };
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return (
    findings
      // Evidence that nothing else came to join is no finding.
      .filter(({ severity }) => severity !== 'info')
      .toSorted(byFirstLine)
  );
}

/** What exceeds the budget of one stream, by the hour. */
function floodFindings(
  { lines, rest }: WithinBudget,
  { settings, region, detectedAtEpochMs }: DeriveOptions,
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
    const surroundings = { region, tickEpochMs: detectedAtEpochMs };
    const { environment } = settings;
    return [floodRecord(flood, place, { environment, ...surroundings }).finding];
  });
}

function byFirstLine(a: Finding, b: Finding): number {
  return Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || (a.id < b.id ? -1 : 1);
}
