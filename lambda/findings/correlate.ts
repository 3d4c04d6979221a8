import {
  addDetections,
  addEvidence,
  addSubjects,
  asEvidence,
  higherSeverity,
  inReadingOrder,
  isSummary,
  signalOrder,
  startChange,
} from './change.ts';
import {
  type Change,
  type CorrelationSettings,
  type PendingCommand,
  type StreamState,
  writeHoldMs,
} from './correlation-state.ts';
import { expireBefore } from './expire.ts';
import type { Outcome } from './finding.ts';
import {
  asDoneBy,
  changeKey,
  commandFit,
  failureFits,
  verbProduces,
  writeBelongsTo,
} from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';

/** What one pass over a slice of a stream changed. */
export interface Correlated {
  readonly state: StreamState;
  /** Changes that are new or have more to show than before, in the order of their anchors. */
  readonly changed: readonly Change[];
}

/**
 * Correlates the next events of one log stream: a fold over events in time order, in which every
 * decision depends on event times alone. Cutting the events into slices anywhere gives the same
 * changes, as long as the state is carried along.
 *
 * @param events all events of the slice that a detection matched, in any order, each once
 * @param horizonEpochMs the end of the slice: nothing earlier will come
 */
export function correlateStream(
  before: StreamState,
  events: readonly ObservedEvent[],
  horizonEpochMs: number,
  settings: CorrelationSettings,
): Correlated {
  const pass = new StreamPass(structuredClone(before), settings);
  for (const event of events.toSorted(inReadingOrder)) pass.observe(event);
  return pass.finish(horizonEpochMs);
}

class StreamPass {
  readonly #state: StreamState;
  readonly #settings: CorrelationSettings;
  readonly #changed = new Map<string, Change>();

  constructor(state: StreamState, settings: CorrelationSettings) {
    this.#state = state;
    this.#settings = settings;
  }

  observe(event: ObservedEvent): void {
    this.#expire(event.timestamp);
    for (const signal of event.signals.toSorted((a, b) => signalOrder(a) - signalOrder(b))) {
      this.#take(event, signal);
    }
  }

  finish(horizonEpochMs: number): Correlated {
    this.#expire(horizonEpochMs);
    const changed = [...this.#changed.values()].sort(
      (a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1),
    );
    return { state: this.#state, changed };
  }

  #expire(epochMs: number): void {
    expireBefore(this.#state, epochMs, this.#settings, (change) => this.#mark(change));
  }

  #mark(change: Change): void {
    this.#changed.set(change.id, change);
  }

  #take(event: ObservedEvent, signal: Signal): void {
    switch (signal.kind) {
      case 'command':
        this.#takeCommand(event, signal);
        return;
      case 'write':
        this.#state.writes.push({ signal, event: asEvidence(event) });
        return;
      case 'denial':
        this.#state.denials.push({ signal, event: asEvidence(event) });
        return;
      case 'request':
        this.#state.requests.push({ signal, event: asEvidence(event), resolved: false });
        return;
      case 'failure':
        this.#takeFailure(event, signal);
        return;
      case 'block':
        this.#takeBlock(event, signal);
        return;
      case 'outcome':
        this.#takeOutcome(event, signal);
        return;
      case 'notice':
        this.#takeNotice(event, signal);
        return;
    }
  }

  #takeCommand(event: ObservedEvent, signal: Signal): void {
    const key = changeKey(signal);
    const open = this.#openWithKey(key, event.timestamp);
    const pending = this.#state.commands.find((command) => !command.claimed && command.key === key);
    if (pending !== undefined) {
      pending.evidence.push(asEvidence(event));
      pending.detections = [...new Set([...pending.detections, ...signal.detections])];
    } else if (open !== undefined) {
      this.#join(open, event, signal);
    } else {
      this.#state.commands.push({
        signal,
        key,
        epochMs: event.timestamp,
        evidence: [asEvidence(event)],
        detections: [...signal.detections],
        claimed: false,
      });
    }
  }

  #takeOutcome(event: ObservedEvent, line: Signal): void {
    const command = this.#bestCommand(line);
    const signal = asDoneBy(line, command?.signal);
    const change = this.#changeToJoin(event, signal, command) ?? this.#begin(event, signal);
    if (command !== undefined && !change.closed) {
      command.claimed = true;
      addEvidence(change, command.evidence);
      addDetections(change, command.detections);
      if (change.targets.length === 0) addSubjects(change, { ...command.signal, kind: 'command' });
      if (change.roles.length === 0) {
        const { role } = command.signal;
        if (role !== undefined) change.roles.push(role);
      }
    }
    this.#join(change, event, signal);
    // What was taken for failed, or not known to have worked, starts afresh with its outcome.
    change.severity =
      change.outcome === 'succeeded'
        ? higherSeverity(change.severity, signal.severity)
        : signal.severity;
    change.outcome = 'succeeded';
    // To know that a command worked makes it no milder than not to know.
    if (command !== undefined) change.severity = higherSeverity(change.severity, 'medium');
    this.#claimWrites(change, signal, event.timestamp);
  }

  #begin(event: ObservedEvent, signal: Signal): Change {
    const change = startChange(this.#settings, event, signal, {
      outcome: 'succeeded',
      severity: signal.severity,
    });
    this.#state.open.push(change);
    return change;
  }

  /** A closing line joins what it closes, unless a command of its own waits for it. */
  #changeToJoin(
    event: ObservedEvent,
    signal: Signal,
    command: PendingCommand | undefined,
  ): Change | undefined {
    if (isSummary(signal) && (command === undefined || command.claimed)) {
      const closes = this.#state.open.findLast(
        (change) =>
          !change.closed &&
          change.outcome === 'succeeded' &&
          verbProduces(signal.verb, change.verb) &&
          event.timestamp - latestEpochMs(change) <= writeHoldMs,
      );
      if (closes !== undefined) return closes;
    }
    return this.#openWithKey(changeKey(signal), event.timestamp);
  }

  #takeFailure(event: ObservedEvent, failure: Signal): void {
    const waiting = this.#state.commands.filter(
      ({ claimed, signal }) => !claimed && signal.silenced !== true,
    );
    const isAnybodys = [failure.target, failure.role, failure.verb].every((x) => x === undefined);
    // A message that names nothing is the only command's, where there is only one.
    const failed = isAnybodys
      ? waiting.length === 1
        ? waiting[0]
        : undefined
      : waiting.findLast(({ signal }) => failureFits(failure, signal));
    if (failed !== undefined) this.#settle(failed, 'failed', event, failure);
  }

  #takeBlock(event: ObservedEvent, block: Signal): void {
    const waiting = this.#state.commands.filter(
      ({ claimed, signal }) => !claimed && signal.silenced !== true,
    );
    for (const command of waiting) this.#settle(command, 'denied', event, block);
    if (waiting.length > 0) return;
    const recent = this.#state.open.findLast(
      (change) =>
        change.outcome === 'denied' && event.timestamp - change.anchorEpochMs <= this.#correlateMs,
    );
    const change =
      recent ??
      startChange(this.#settings, event, block, { outcome: 'denied', severity: block.severity });
    if (recent === undefined) this.#state.open.push(change);
    this.#join(change, event, { ...block, kind: 'block' });
  }

  #takeNotice(event: ObservedEvent, signal: Signal): void {
    const open = this.#openWithKey(changeKey(signal), event.timestamp);
    // Evidence only: it never makes a finding by itself.
    if (open === undefined && signal.severity === 'info') return;
    const change =
      open ??
      startChange(this.#settings, event, signal, { outcome: 'unknown', severity: signal.severity });
    if (open === undefined) this.#state.open.push(change);
    change.severity = higherSeverity(change.severity, signal.severity);
    this.#join(change, event, signal);
  }

  /** A command that is known to have come to nothing. */
  #settle(command: PendingCommand, outcome: Outcome, event: ObservedEvent, by: Signal): void {
    const anchor = command.evidence[0] ?? asEvidence(event);
    const change = startChange(this.#settings, anchor, command.signal, {
      outcome,
      severity: 'low',
    });
    addEvidence(change, command.evidence);
    addDetections(change, command.detections);
    this.#state.commands = this.#state.commands.filter((other) => other !== command);
    this.#state.open.push(change);
    this.#join(change, event, { ...by, target: undefined, role: undefined });
  }

  #claimWrites(change: Change, owner: Signal, epochMs: number): void {
    const mine = this.#state.writes.filter(
      ({ signal, event }) =>
        epochMs - event.timestamp <= writeHoldMs && writeBelongsTo(signal, owner),
    );
    // `Updated user` names nobody that could be compared: only the latest is this command's.
    const latestUpdate = mine.findLast(({ signal }) => signal.verb === 'update-user');
    for (const write of mine) {
      if (write.signal.verb === 'update-user' && write !== latestUpdate) continue;
      addEvidence(change, [write.event]);
      addDetections(change, write.signal.detections);
      this.#state.writes = this.#state.writes.filter((other) => other !== write);
    }
  }

  #join(change: Change, event: ObservedEvent, signal: Signal): void {
    addEvidence(change, [event]);
    addDetections(change, signal.detections);
    addSubjects(change, signal);
    this.#mark(change);
  }

  #bestCommand(outcome: Signal): PendingCommand | undefined {
    let best: PendingCommand | undefined;
    let bestFit = 0;
    for (const command of this.#state.commands) {
      const fit = commandFit(command, outcome);
      if (fit > bestFit) [best, bestFit] = [command, fit];
    }
    return best;
  }

  #openWithKey(key: string, epochMs: number): Change | undefined {
    return this.#state.open.findLast(
      (change) =>
        !change.closed && change.key === key && epochMs - change.anchorEpochMs <= this.#correlateMs,
    );
  }

  get #correlateMs(): number {
    return this.#settings.correlateSeconds * 1000;
  }
}

function latestEpochMs(change: Change): number {
  return change.evidence.at(-1)?.timestamp ?? change.anchorEpochMs;
}
