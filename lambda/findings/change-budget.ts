import { actorOf } from './actor.ts';
import { inReadingOrder, severityRank } from './change.ts';
import type { CorrelationSettings } from './correlation-state.ts';
import type { Severity } from './finding.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/**
 * How many signals of one log stream and minute of event time are correlated one by one; the rest of
 * the minute becomes one finding. The busiest minute of the recorded sessions holds 90; a DynamoDB
 * write or two a signal stay far below what a tick can do. By the minute of the event and in reading
 * order, so that slices of any width give the same findings.
 */
export const streamMinuteSignalsMax = 500;

/** How many log streams of one log group and slice are correlated one by one, the worst first. */
export const sliceStreamsMax = 200;

/**
 * How many new signals of one log group and slice are correlated one by one. A signal costs at most two
 * writes for its finding and one for its line, so that a slice of a flood costs the ledger at most
 * about 9,000 items for these, 2 for each of the {@link sliceStreamsMax} streams that waits, and 2 for
 * each flood finding.
 */
export const sliceSignalsMax = 3_000;

const minuteMs = 60_000;

/** Lines of a stream that are correlated one by one, and those that are not. */
export interface WithinBudget {
  readonly lines: readonly ObservedEvent[];
  /** In reading order. */
  readonly rest: readonly ObservedEvent[];
}

/**
 * Parts the lines of one stream by {@link streamMinuteSignalsMax}. A line that was correlated before
 * stays so; of the others the first of each minute follow, as long as the budget lasts. The line that
 * exceeds it is the last one.
 */
export function withinBudget(
  lines: readonly ObservedEvent[],
  isKnown: (line: ObservedEvent) => boolean,
): WithinBudget {
  const used = new Map<number, number>();
  const use = (line: ObservedEvent) => {
    const minute = Math.floor(line.timestamp / minuteMs);
    used.set(minute, (used.get(minute) ?? 0) + line.signals.length);
  };
  const known = lines.filter(isKnown);
  known.forEach(use);
  const taken: ObservedEvent[] = [];
  const rest: ObservedEvent[] = [];
  for (const line of inReadingOrder(lines.filter((each) => !isKnown(each)))) {
    if ((used.get(Math.floor(line.timestamp / minuteMs)) ?? 0) < streamMinuteSignalsMax) {
      use(line);
      taken.push(line);
    } else rest.push(line);
  }
  return { lines: [...known, ...taken], rest };
}

/**
 * Which streams of a slice are correlated one by one: the worst first, as many as
 * {@link sliceStreamsMax} and {@link sliceSignalsMax} allow, at least one. Of equally bad ones, each DAG
 * (or DAG file) has one stream before any has a second: tasks, runs and map indexes cost nothing.
 *
 * @param streams new lines by stream
 */
export function streamsWithinBudget(
  streams: ReadonlyMap<string, readonly ObservedEvent[]>,
): ReadonlySet<string> {
  const before = new Map<string, number>();
  const ranked = [...streams]
    .map(([streamId, lines]) => ({
      streamId,
      signals: boundedSignals(lines),
      rank: worstRank(lines),
      firstEpochMs: lines.reduce((first, { timestamp }) => Math.min(first, timestamp), Infinity),
      owner: ownerOf(streamId, lines),
    }))
    .sort(
      (a, b) =>
        b.rank - a.rank || a.firstEpochMs - b.firstEpochMs || (a.streamId < b.streamId ? -1 : 1),
    )
    .map((stream) => {
      const key = `${stream.rank} ${stream.owner}`;
      const round = before.get(key) ?? 0;
      before.set(key, round + 1);
      return { ...stream, round };
    })
    // The order of equals stays.
    .sort((a, b) => b.rank - a.rank || a.round - b.round);
  const chosen = new Set<string>();
  let signals = 0;
  for (const stream of ranked) {
    if (chosen.size >= sliceStreamsMax || (signals >= sliceSignalsMax && chosen.size > 0)) break;
    chosen.add(stream.streamId);
    signals += stream.signals;
  }
  return chosen;
}

function ownerOf(streamId: string, [line]: readonly ObservedEvent[]): string {
  const { dag, dagFile } = line === undefined ? {} : actorOf(line);
  return dag ?? dagFile ?? streamId;
}

/** How many signals of a stream are correlated one by one at most. */
function boundedSignals(lines: readonly ObservedEvent[]): number {
  const byMinute = new Map<number, number>();
  for (const { timestamp, signals } of lines) {
    const minute = Math.floor(timestamp / minuteMs);
    byMinute.set(minute, (byMinute.get(minute) ?? 0) + signals.length);
  }
  return [...byMinute.values()].reduce(
    (sum, count) => sum + Math.min(count, streamMinuteSignalsMax),
    0,
  );
}

function worstRank(lines: readonly ObservedEvent[]): number {
  return lines.reduce(
    (worst, { signals }) =>
      signals.reduce((rank, signal) => Math.max(rank, severityRank(severityAlone(signal))), worst),
    0,
  );
}

/** How bad a signal is that is not correlated with others. */
export function severityAlone(signal: Signal): Severity {
  switch (signal.kind) {
    case 'request':
      return severityOfRequest(signal);
    case 'failure':
    case 'denial':
    case 'result':
      return 'info';
    default:
      return signal.severity;
  }
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function severityOfRequest({ method, outcome, severity }: Signal): Severity {
  if (method !== undefined && readingMethods.has(method)) return 'info';
  if (outcome === 'failed' || outcome === 'denied') return 'low';
  return outcome === 'succeeded' ? severity : 'medium';
}

/** Lines that say nothing but what became of a statement: every task that runs SQL writes them. */
export function isOnlyResult({ signals }: ObservedEvent): boolean {
  return signals.length > 0 && signals.every(({ kind }) => kind === 'result');
}

/**
 * The lines of one stream without results that follow no statement on the tables of users and roles.
 * Of one statement the first result of each kind goes on, and none after rows that changed: a line
 * that says that it came to nothing may be forged, and the statement's own result comes after it.
 */
export function withoutForeignResults(
  lines: readonly ObservedEvent[],
  { correlateSeconds }: Pick<CorrelationSettings, 'correlateSeconds'>,
): readonly ObservedEvent[] {
  if (!lines.some(isOnlyResult)) return lines;
  let awaitedUntilMs = Number.NEGATIVE_INFINITY;
  let seen = new Set<string>();
  return inReadingOrder(lines).filter((line) => {
    if (!isOnlyResult(line)) {
      if (line.signals.some(awaitsResult)) {
        awaitedUntilMs = line.timestamp + correlateSeconds * 1000;
        seen = new Set();
      }
      return true;
    }
    const { outcome = 'unknown', object } = line.signals[0] ?? {};
    // A hook's result says nothing of a command, which psql's answer does.
    const by = object === undefined ? '' : 'psql';
    if (line.timestamp > awaitedUntilMs) return false;
    if (seen.has(`succeeded ${by}`) || seen.has(`${outcome} ${by}`)) return false;
    seen.add(`${outcome} ${by}`);
    return true;
  });
}

function awaitsResult({ kind, verb }: Signal): boolean {
  return kind === 'statement' || (kind === 'command' && verb === 'write-metadata-tables');
}
