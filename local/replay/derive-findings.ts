import { minuteMs } from '../../lambda/common/time.ts';
import { deriveStream } from '../../lambda/correlate/derive-stream.ts';
import { floodRecord } from '../../lambda/findings/flood-finding.ts';
import { presentFinding } from '../../lambda/findings/present.ts';
import {
  type WithinBudget,
  withinBudget,
  withoutForeignResults,
} from '../../lambda/flood/change-budget.ts';
import { addToFlood, hourOf } from '../../lambda/flood/change-flood.ts';
import { streamIdOf } from '../../lambda/ledger/stream-id.ts';
import type { Change, CorrelationSettings } from '../../lambda/model/correlation-state.ts';
import type { Finding } from '../../lambda/model/finding.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { DetectionsById } from '../../lambda/plan/detections-by-id.ts';

interface DeriveOptions {
  /** The plan's. */
  readonly detections: DetectionsById;
  readonly settings: CorrelationSettings;
  /** The log groups' Region, for links. */
  readonly region: string;
  /** The detection time of the findings. */
  readonly detectedAtEpochMs: number;
  /** Changes for which this is true are returned separately. @default none */
  readonly isApproved?: (change: Change) => boolean;
}

/** The result of lines that were read completely. */
interface DerivedFindings {
  /** Each finding once, in its final state, ordered by first line. */
  readonly findings: readonly Finding[];
  /** Findings about approved changes, in the same order. */
  readonly approved: readonly Finding[];
  /** Number of events that a detection matched. */
  readonly matchedEvents: number;
}

/**
 * The findings of all lines in a time span. They depend only on the lines, not on the slices in
 * which they were read. Changes still pending at the end are resolved as if no further lines
 * followed.
 *
 * @param lines each with at least one signal, every event once; within a log stream and
 *   millisecond in the order in which they were read
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
    // There is no earlier state: as in the monitor, the changes beyond a minute's budget become one
    // finding.
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
      // Evidence that no other line joined is not a finding.
      .filter(({ severity }) => severity !== 'info')
      .toSorted(byFirstLine)
  );
}

/** Findings for the changes beyond one stream's budget, by the hour. */
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

/** As long as the Lambda's slices. */
const defaultMs = 60 * minuteMs;
/** Each window costs a query, even when little happened in it. */
const windowsMax = 48;

/** An hour; longer when logs span days, so that sparse logs do not cost thousands of queries. */
export function defaultSliceMs({ startEpochMs, endEpochMs }: Window): number {
  const spread = Math.ceil((endEpochMs - startEpochMs) / windowsMax / 1000) * 1000;
  return Math.max(defaultMs, spread);
}

/**
 * Windows that tile a range; the last one may be shorter.
 *
 * @param sliceMs whole seconds
 * @throws RangeError when it is not whole seconds
 */
export function cutWindows({ startEpochMs, endEpochMs }: Window, sliceMs: number): Window[] {
  if (!Number.isInteger(sliceMs / 1000) || sliceMs <= 0) {
    throw new RangeError(`a slice must be whole seconds, got ${sliceMs} ms`);
  }
  const windows: Window[] = [];
  for (let start = startEpochMs; start < endEpochMs; start += sliceMs) {
    windows.push({ startEpochMs: start, endEpochMs: Math.min(start + sliceMs, endEpochMs) });
  }
  return windows;
}
