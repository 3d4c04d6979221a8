import { minuteMs } from '../common/time.ts';
import { inReadingOrder } from '../correlate/change.ts';
import { actorOf } from '../model/actor.ts';
import type { CorrelationSettings } from '../model/correlation-state.ts';
import { type Severity, severityRank } from '../model/severity.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { verbs } from '../model/verbs.ts';

/**
 * How many signals of one log stream and minute of event time are correlated one by one; the rest
 * of the minute becomes one finding. The busiest minute of the recorded sessions holds 90; one or
 * two DynamoDB writes for each signal are far below what a tick can do. Counted by event minute and
 * in reading order, so that slices of any width result in the same findings.
 */
export const streamMinuteSignalsMax = 500;

/** How many log streams of one log group and slice are correlated one by one, the worst first. */
export const sliceStreamsMax = 200;

/**
 * How many new signals of one log group and slice are correlated one by one. A signal costs at most
 * two writes for its finding and one for its line, so a slice of a flood writes at most about 9,000
 * ledger items for signals, 2 for each of the {@link sliceStreamsMax} pending streams, and 2 for
 * each flood finding.
 */
export const sliceSignalsMax = 3_000;

/** The lines of a stream that are correlated one by one, and the rest. */
export interface WithinBudget {
  readonly lines: readonly ObservedEvent[];
  /** In reading order. */
  readonly rest: readonly ObservedEvent[];
}

/**
 * Divides the lines of one stream by {@link streamMinuteSignalsMax}. A line that was correlated
 * before stays so; then the first of the other lines of each minute follow, as long as the budget
 * lasts. The line that exceeds the budget is the last one.
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
 * Chooses the streams of a slice that are correlated one by one: the worst first, as many as
 * {@link sliceStreamsMax} and {@link sliceSignalsMax} allow, at least one. Among equally bad ones,
 * each DAG (or DAG file) gets one stream before any gets a second: it costs an attacker nothing to
 * start more tasks, runs and map indexes.
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
    // The sort is stable.
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

/** The severity of a signal that is not correlated with others. */
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

/** Lines that only report the outcome of a statement: every task that runs SQL writes them. */
export function isOnlyResult({ signals }: ObservedEvent): boolean {
  return signals.length > 0 && signals.every(({ kind }) => kind === 'result');
}

/**
 * The lines of one stream, without results that follow no statement on the tables of users and
 * roles. For one statement, the first result of each kind stays, and none after a result that rows
 * changed. A line that reports no effect may be forged, and the statement's own result comes after
 * it.
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
    // A hook's result says nothing about a command; psql's answer does.
    const by = object === undefined ? '' : 'psql';
    if (line.timestamp > awaitedUntilMs) return false;
    if (seen.has(`succeeded ${by}`) || seen.has(`${outcome} ${by}`)) return false;
    seen.add(`${outcome} ${by}`);
    return true;
  });
}

function awaitsResult({ kind, verb }: Signal): boolean {
  return (
    kind === 'statement' || (kind === 'command' && verb !== undefined && verbs[verb].isSql === true)
  );
}
