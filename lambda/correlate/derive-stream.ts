import {
  type Change,
  type CorrelationSettings,
  requestHoldMs,
  writeHoldMs,
} from '../model/correlation-state.ts';
import { higherSeverity, severityRank } from '../model/severity.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import {
  addActs,
  addDetections,
  addEvidence,
  addNames,
  asEvidence,
  inReadingOrder,
  signalOrder,
  sortEvidence,
} from './change.ts';
import {
  settle,
  takeCommand,
  takeOutcome,
  takeResult,
  takeStatement,
} from './correlate-command.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
  reachOf,
  startPass,
} from './correlation-pass.ts';
import { expireBefore } from './expire.ts';
import { canHaveFailed, changeKey } from './same-change.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/** A line that is correlated with nothing joins the change of its key, or becomes one. */
function takeNotice(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { severity } = signal;
  const open = findOpenChange(pass, changeKey(signal), event.timestamp);
  // `info` is evidence only: it never makes a finding by itself.
  if (open === undefined && severity === 'info') return;
  const change = open ?? openChange(pass, event, signal, { outcome: 'unknown', severity });
  change.severity = higherSeverity(change.severity, severity);
  joinChange(pass, change, event, signal);
}

/** A message about a failed command settles the command that can have written it. */
function takeFailure(pass: CorrelationPass, event: ObservedEvent, failure: Signal): void {
  const failed = failedCommand(pass, event, failure);
  if (failed !== undefined) settle(pass, failed, 'failed', event, failure);
}

function failedCommand(
  { commands }: CorrelationPass,
  event: ObservedEvent,
  failure: Signal,
): WaitingCommand | undefined {
  const isOwnEcho = event.signals.some(
    (signal) => signal.kind === 'command' && changeKey(signal) === changeKey(failure),
  );
  if (isOwnEcho) {
    const own = commands.unclaimed(changeKey(failure));
    return own?.signal.silenced === true ? undefined : own;
  }
  const isNameless = failure.target === undefined && failure.role === undefined;
  // A message that names nobody belongs to the only waiting command, if there is only one.
  if (isNameless && commands.unclaimedCount !== 1) return undefined;
  return commands.visible(failure, (verb) => canHaveFailed(verb, failure));
}

/**
 * Airflow blocked a task's access to the metadata database: all waiting commands of the airflow
 * program are denied. If none waits, the attempt is a change of its own, which further lines join.
 */
function takeBlock(pass: CorrelationPass, event: ObservedEvent, block: Signal): void {
  const blocked = pass.commands.blockable();
  for (const command of blocked) settle(pass, command, 'denied', event, block);
  if (blocked.length > 0) return;
  const { severity } = block;
  const isRecent =
    pass.blocked !== undefined && pass.blocked.anchorEpochMs >= reachOf(pass, event.timestamp);
  if (!isRecent || pass.blocked === undefined) {
    pass.blocked = openChange(pass, event, block, { outcome: 'denied', severity });
  }
  joinChange(pass, pass.blocked, event, block);
}

/**
 * The changes that the events of one log stream describe. Events are taken in time order and every
 * decision depends on event times only, so it makes no difference how, and in which parts, they
 * were read. The work grows linearly with the number of signals.
 *
 * Evidence may make a change worse, but never milder than what people are notified of: an outcome
 * has at least the severity of the lines that it explains, and a failure line that a DAG's author
 * could have written leaves a change at medium.
 *
 * @param events all events of the stream that a detection matched, in any order, each once
 * @param horizonEpochMs no earlier event will arrive: what has waited too long by then is decided
 * @returns in the order of their anchors
 */
export function correlateStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): readonly Change[] {
  const ordered = inReadingOrder(events);
  const pass = startPass(
    settings,
    ordered.filter(({ signals }) => signals.some(isOtherProducts)).map((event) => ({ event })),
  );
  for (const event of ordered) {
    expireBefore(pass, event.timestamp);
    const signals = event.signals.toSorted((a, b) => signalOrder(a) - signalOrder(b));
    for (const signal of signals) takeSignal(pass, event, signal);
  }
  expireBefore(pass, horizonEpochMs);
  const changes = [...onePerId(pass.changes)];
  for (const change of changes) sortEvidence(change);
  return changes.sort((a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1));
}

function isOtherProducts({ kind }: Signal): boolean {
  return kind === 'other-product';
}

/**
 * One line can make two changes of one verb for the same user and role: they are one change, as bad
 * as the worse of the two.
 */
function onePerId(changes: readonly Change[]): Iterable<Change> {
  const byId = new Map<string, Change>();
  for (const change of changes) {
    const known = byId.get(change.id);
    if (known === undefined) {
      byId.set(change.id, change);
      continue;
    }
    const isWorse = severityRank(change.severity) > severityRank(known.severity);
    const [kept, other] = isWorse ? [change, known] : [known, change];
    addEvidence(kept, other.evidence);
    addDetections(kept, other.detections);
    addNames(kept, other);
    addActs(kept, other);
    byId.set(change.id, kept);
  }
  return byId.values();
}

function takeSignal(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  switch (signal.kind) {
    case 'command':
      takeCommand(pass, event, signal);
      return;
    case 'statement':
      takeStatement(pass, event, signal);
      return;
    case 'result':
      takeResult(pass, event, signal);
      return;
    case 'write':
      pass.writes.add(signal, asEvidence(event));
      return;
    case 'denial':
      pass.denials.push({ signal, event: asEvidence(event) });
      return;
    case 'request':
      pass.requests.push({ signal, event: asEvidence(event) });
      return;
    case 'failure':
      takeFailure(pass, event, signal);
      return;
    case 'block':
      takeBlock(pass, event, signal);
      return;
    case 'other-product':
      // Collected before the pass starts: a product's log lines may come after what it did.
      return;
    case 'outcome':
    case 'partial':
      takeOutcome(pass, event, signal);
      return;
    case 'notice':
      takeNotice(pass, event, signal);
      return;
  }
}

/** What the lines of one log stream result in. */
interface DerivedStream {
  /** In the order of their anchors. */
  readonly changes: readonly Change[];
  /** The time span of the latest connected lines, which further lines may join. */
  readonly latest?: { readonly fromEpochMs: number; readonly untilEpochMs: number };
  /** Whether nothing is pending at the horizon. */
  readonly isResolved: boolean;
}

/**
 * How long a line matters: two lines with a longer silence between them are unrelated, whatever
 * they say.
 */
export function memoryMs({ correlateSeconds }: Pick<CorrelationSettings, 'correlateSeconds'>) {
  return Math.max(correlateSeconds * 1000, writeHoldMs + requestHoldMs);
}

/**
 * If a chain of lines lasts longer than this number of {@link memoryMs}, the next derivation starts
 * at half of it, so that a flood of hours is not loaded and derived again at each tick.
 */
const chainMemories = 10;

/**
 * The changes that the lines of one stream describe: a function of the lines only, not of the
 * slices or the order in which they were read.
 *
 * @param events all since a silence of {@link memoryMs}, in any order, each once
 * @param horizonEpochMs no earlier event will arrive, except late ones
 */
export function deriveStream(
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): DerivedStream {
  const changes = correlateStream(events, horizonEpochMs, settings);
  const latest = latestSpan(
    events.map(({ timestamp }) => timestamp).sort((a, b) => a - b),
    memoryMs(settings),
  );
  const isResolved = latest === undefined || latest.untilEpochMs < horizonEpochMs;
  return { changes, ...(latest && { latest }), isResolved };
}

function latestSpan(times: readonly number[], rememberedMs: number) {
  const last = times.at(-1);
  if (last === undefined) return undefined;
  let first = times.length - 1;
  while (first > 0 && within(times[first - 1], times[first], rememberedMs)) first -= 1;
  const start = times[first] ?? last;
  const isLong = last - start > chainMemories * rememberedMs;
  const fromEpochMs = isLong ? last - (chainMemories / 2) * rememberedMs : start;
  return { fromEpochMs, untilEpochMs: last + rememberedMs };
}

function within(before: number | undefined, after: number | undefined, spanMs: number): boolean {
  return before !== undefined && after !== undefined && after - before <= spanMs;
}
