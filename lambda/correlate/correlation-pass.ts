import type { Change, CorrelationSettings, EvidenceEvent } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import type { Signal } from '../model/signal.ts';
import type { Verb } from '../model/verbs.ts';
import { addDetections, addEvidence, addSubjects, addVerb, startChange } from './change.ts';
import type { PendingDenial, PendingRequest } from './refusal.ts';
import { isRoleEdit } from './same-change.ts';
import { WaitingCommands, WaitingWrites } from './waiting-commands.ts';

/** A change with the order in which it was opened. */
interface Opened {
  readonly change: Change;
  readonly sequence: number;
}

/**
 * The changes of one stream that further lines may join, found by their key, role or verb. No other
 * attempt joins a change that failed, was denied or had no effect.
 */
class OpenChanges {
  readonly #byKey = new Map<string, Opened[]>();
  readonly #byRole = new Map<string, Opened[]>();
  readonly #failedByKey = new Map<string, Change>();
  readonly #touchedByVerb = new Map<
    Verb | undefined,
    { opened: Opened; touch: number; epochMs: number }
  >();
  readonly #sequences = new Map<Change, number>();
  #touches = 0;

  add(change: Change): void {
    const opened = { change, sequence: this.#sequences.size };
    this.#sequences.set(change, opened.sequence);
    if (isJoinable(change)) push(this.#byKey, change.key, opened);
    else this.#failedByKey.set(change.key, change);
    this.#indexRole(opened);
  }

  /** Call after a change has failed or been denied, or has got its first role. */
  update(change: Change): void {
    if (!isJoinable(change)) this.#failedByKey.set(change.key, change);
    const sequence = this.#sequences.get(change);
    if (sequence !== undefined) this.#indexRole({ change, sequence });
  }

  /** A line at `epochMs` reports that the change happened. */
  touch(change: Change, epochMs: number): void {
    const sequence = this.#sequences.get(change);
    if (sequence === undefined) return;
    this.#touches += 1;
    const touched = { opened: { change, sequence }, touch: this.#touches, epochMs };
    this.#touchedByVerb.set(change.verb, touched);
  }

  /** The latest change of a key whose anchor is at or after `sinceEpochMs`. */
  latest(key: string, sinceEpochMs: number): Change | undefined {
    return lastOf(this.#byKey.get(key), sinceEpochMs)?.change;
  }

  failed(key: string, sinceEpochMs: number): Change | undefined {
    const change = this.#failedByKey.get(key);
    return change !== undefined && change.anchorEpochMs >= sinceEpochMs ? change : undefined;
  }

  /** The later of {@link latest}, if it succeeded, and the latest successful edit of a role. */
  latestEdit(
    key: string,
    sinceEpochMs: number,
    role: string | undefined,
    editedSinceEpochMs: number,
  ): Change | undefined {
    const same = lastOf(this.#byKey.get(key), sinceEpochMs);
    const edit =
      role === undefined ? undefined : lastOf(this.#byRole.get(role), editedSinceEpochMs);
    const [later] = [same, edit]
      .filter((opened) => opened?.change.outcome === 'succeeded')
      .sort((a, b) => (b?.sequence ?? 0) - (a?.sequence ?? 0));
    return later?.change;
  }

  /** The change that a line touched last, among the verbs that `isOf` accepts. */
  touchedLast(isOf: (verb: Verb | undefined) => boolean, sinceEpochMs: number) {
    let last: { opened: Opened; touch: number } | undefined;
    for (const [verb, touched] of this.#touchedByVerb) {
      const { outcome } = touched.opened.change;
      if (touched.epochMs < sinceEpochMs || outcome !== 'succeeded') continue;
      if (isOf(verb) && touched.touch > (last?.touch ?? 0)) last = touched;
    }
    return last?.opened.change;
  }

  #indexRole(opened: Opened): void {
    const { verb, roles } = opened.change;
    const [role] = roles;
    if (role === undefined || !isRoleEdit(verb) || !isJoinable(opened.change)) return;
    const list = this.#byRole.get(role);
    if (list?.at(-1)?.change !== opened.change) push(this.#byRole, role, opened);
  }
}

function isJoinable({ outcome, closed }: Change): boolean {
  return !closed && (outcome === 'succeeded' || outcome === 'unknown');
}

function push(lists: Map<string, Opened[]>, key: string, opened: Opened): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [opened]);
  else list.push(opened);
}

/** What is too old or cannot be joined stays so: it is removed when it is found. */
function lastOf(list: Opened[] | undefined, sinceEpochMs: number): Opened | undefined {
  for (let last = list?.at(-1); last !== undefined; last = list?.at(-1)) {
    if (last.change.anchorEpochMs >= sinceEpochMs && isJoinable(last.change)) return last;
    list?.pop();
  }
  return undefined;
}

/** A statement whose result comes next, as far as its stream shows. */
interface RunningStatement {
  readonly change: Change;
  readonly epochMs: number;
  /**
   * The severity of the change before a line reported that it had no effect; undefined if none did.
   */
  readonly severityBefore?: Severity;
}

/** What is known while the events of one log stream are processed in order. */
export interface CorrelationPass {
  readonly settings: CorrelationSettings;
  readonly changes: Change[];
  readonly open: OpenChanges;
  readonly commands: WaitingCommands;
  readonly writes: WaitingWrites;
  /** In time order; requests that no further line can concern are removed. */
  requests: PendingRequest[];
  denials: PendingDenial[];
  /** The index in `requests` of the first undecided one. */
  undecided: number;
  running: RunningStatement | undefined;
  /** The number of statements of each change that has any. */
  readonly statements: Map<Change, number>;
  /** Lines of other products that are built on Flask-AppBuilder, in time order. */
  readonly otherProducts: readonly { readonly event: { readonly timestamp: number } }[];
  /** The latest change that consists of a block only. */
  blocked: Change | undefined;
}

export function startPass(
  settings: CorrelationSettings,
  otherProducts: CorrelationPass['otherProducts'] = [],
): CorrelationPass {
  return {
    settings,
    changes: [],
    open: new OpenChanges(),
    commands: new WaitingCommands(),
    writes: new WaitingWrites(),
    requests: [],
    denials: [],
    undecided: 0,
    running: undefined,
    statements: new Map(),
    otherProducts,
    blocked: undefined,
  };
}

/** Starts a change that further lines may join. */
export function openChange(
  { changes, open, settings }: CorrelationPass,
  anchor: EvidenceEvent,
  signal: Signal,
  how: { readonly outcome: Outcome; readonly severity: Severity },
): Change {
  const change = startChange(settings, anchor, signal, how);
  changes.push(change);
  open.add(change);
  return change;
}

/** Adds a further line to a change, with the user and role that it names. */
export function joinChange(
  { open }: CorrelationPass,
  change: Change,
  event: EvidenceEvent,
  signal: Signal,
): void {
  addEvidence(change, [event]);
  addDetections(change, signal.detections);
  addVerb(change, signal);
  addSubjects(change, signal);
  open.update(change);
}

/** The earliest anchor of a change that a line at `epochMs` can belong to. */
export function reachOf({ settings }: CorrelationPass, epochMs: number): number {
  return epochMs - settings.correlateSeconds * 1000;
}

/**
 * The latest change that a line of this key and time joins: never one that failed or was denied.
 */
export function findOpenChange(
  pass: CorrelationPass,
  key: string,
  epochMs: number,
): Change | undefined {
  return pass.open.latest(key, reachOf(pass, epochMs));
}
