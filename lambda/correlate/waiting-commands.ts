import { type EvidenceEvent, writeHoldMs } from '../model/correlation-state.ts';
import type { Severity } from '../model/severity.ts';
import type { Signal } from '../model/signal.ts';
import type { Verb } from '../model/verbs.ts';
import { partTables } from '../sql/metadata-sql.ts';
import {
  canBeOwned,
  commandFit,
  isAirflowCommand,
  nameOfWrite,
  verbProduces,
  verbsWrittenBy,
} from './same-change.ts';

/** An echoed command that waits for its outcome. */
export interface WaitingCommand {
  readonly signal: Signal;
  /** What `changeKey` returns for the signal. */
  readonly key: string;
  readonly epochMs: number;
  /** Order in which the commands were read. */
  readonly sequence: number;
  readonly evidence: EvidenceEvent[];
  detections: readonly string[];
  /** The highest severity of its echoes. */
  severity: Severity;
  /**
   * An outcome has claimed it; it still takes further outcomes of the same command until it
   * expires.
   */
  claimed: boolean;
  /** Settled or expired: no longer in any list. */
  gone: boolean;
}

/** Commands in the order in which they were read; one that is gone or claimed stays so. */
class Bucket {
  readonly #commands: WaitingCommand[] = [];
  #firstPresent = 0;
  #firstUnclaimed = 0;

  push(command: WaitingCommand): void {
    this.#commands.push(command);
  }

  unclaimed(): WaitingCommand | undefined {
    const commands = this.#commands;
    for (; this.#firstUnclaimed < commands.length; this.#firstUnclaimed += 1) {
      const command = commands[this.#firstUnclaimed];
      if (command !== undefined && !command.gone && !command.claimed) return command;
    }
    return undefined;
  }

  first(): WaitingCommand | undefined {
    const commands = this.#commands;
    for (; this.#firstPresent < commands.length; this.#firstPresent += 1) {
      const command = commands[this.#firstPresent];
      if (command !== undefined && !command.gone) return command;
    }
    return undefined;
  }
}

/** In a bucket's key instead of a name: any name, no name, any e-mail address. */
const any = '*';
const none = '-';
const mail = '@';
const exactly = (name: string) => `=${name}`;
const orNone = (name: string | undefined) => (name === undefined ? none : exactly(name));

/**
 * The single tables of an object: one text may announce several statements, each writing some of
 * them.
 */
function partsOf(object: string | undefined): readonly string[] {
  const parts = object === undefined ? [] : partTables(object);
  return parts.length > 1 ? parts.map(exactly) : [];
}

function bucketKey(verb: Verb | undefined, target: string, role: string, object: string): string {
  return JSON.stringify([verb, target, role, object]);
}

/**
 * The commands of one stream that wait for their outcome, indexed by verb, target, role and object:
 * an outcome looks into a number of buckets that depends on how many names it has, not on how many
 * commands wait.
 */
export class WaitingCommands {
  readonly #all: WaitingCommand[] = [];
  #head = 0;
  readonly #unclaimed = new Map<string, WaitingCommand>();
  readonly #verbs = new Set<Verb | undefined>();
  readonly #buckets = new Map<string, Bucket>();
  /** Only commands whose output would be in the log. */
  readonly #visible = new Map<string, Bucket>();
  readonly #blockable = new Set<WaitingCommand>();
  readonly #statements = new Set<WaitingCommand>();

  add(command: Omit<WaitingCommand, 'sequence' | 'claimed' | 'gone'>): WaitingCommand {
    const waiting = { ...command, sequence: this.#all.length, claimed: false, gone: false };
    this.#all.push(waiting);
    this.#unclaimed.set(command.key, waiting);
    const { verb, target, role, object, silenced } = command.signal;
    this.#verbs.add(verb);
    if (!isAirflowCommand(command.signal)) this.#statements.add(waiting);
    else if (silenced !== true) this.#blockable.add(waiting);
    const targets = [orNone(target), any, ...(target?.includes('@') === true ? [mail] : [])];
    const objectKeys = [orNone(object), ...partsOf(object), any];
    for (const targetKey of targets) {
      for (const roleKey of [orNone(role), any]) {
        for (const objectKey of objectKeys) {
          const key = bucketKey(verb, targetKey, roleKey, objectKey);
          bucketOf(this.#buckets, key).push(waiting);
          if (silenced !== true && objectKey === any && targetKey !== mail) {
            bucketOf(this.#visible, key).push(waiting);
          }
        }
      }
    }
    return waiting;
  }

  /** The command of this key that no outcome has claimed. */
  unclaimed(key: string): WaitingCommand | undefined {
    return this.#unclaimed.get(key);
  }

  /** How many commands no outcome has claimed. */
  get unclaimedCount(): number {
    return this.#unclaimed.size;
  }

  /** Unclaimed commands of the airflow program whose output would be in the log. */
  blockable(): readonly WaitingCommand[] {
    return [...this.#blockable];
  }

  /** Unclaimed SQL statements. */
  statements(): readonly WaitingCommand[] {
    return [...this.#statements];
  }

  claim(command: WaitingCommand): void {
    command.claimed = true;
    this.#forget(command);
  }

  remove(command: WaitingCommand): void {
    command.gone = true;
    this.#forget(command);
  }

  /** The earliest command that is not gone. */
  first(): WaitingCommand | undefined {
    for (; this.#head < this.#all.length; this.#head += 1) {
      const command = this.#all[this.#head];
      if (command !== undefined && !command.gone) return command;
    }
    return undefined;
  }

  /** The command that an outcome fits best, the earliest among equals. */
  best(outcome: Signal): WaitingCommand | undefined {
    if (this.first() === undefined) return undefined;
    const { target, role, object } = outcome;
    const targets =
      target === undefined
        ? [any]
        : [exactly(target), none, ...(target.includes('@') ? [] : [mail])];
    const roles = role === undefined ? [any] : [exactly(role), none];
    const objects =
      object === undefined ? [any] : [exactly(object), ...partsOf(object).slice(0, 1), none];
    let best: WaitingCommand | undefined;
    let bestFit = 0;
    for (const verb of this.#verbs) {
      if (!verbProduces(verb, outcome.verb)) continue;
      for (const targetKey of targets) {
        for (const roleKey of roles) {
          for (const objectKey of objects) {
            const bucket = this.#buckets.get(bucketKey(verb, targetKey, roleKey, objectKey));
            const command = bucket?.unclaimed() ?? bucket?.first();
            if (command === undefined) continue;
            const fit = commandFit(command, outcome);
            const isEarlier = fit === bestFit && command.sequence < (best?.sequence ?? Infinity);
            if (fit > bestFit || (fit > 0 && isEarlier)) [best, bestFit] = [command, fit];
          }
        }
      }
    }
    return best;
  }

  /**
   * The earliest unclaimed command with exactly these names whose output would be in the log.
   *
   * @param canBe whether a command of this verb, or without one, can have written the message
   */
  visible(
    { target, role }: Pick<Signal, 'target' | 'role'>,
    canBe: (verb: Verb | undefined) => boolean,
  ): WaitingCommand | undefined {
    const targetKey = target === undefined ? any : exactly(target);
    const roleKey = role === undefined ? any : exactly(role);
    let earliest: WaitingCommand | undefined;
    for (const verb of this.#verbs) {
      if (!canBe(verb)) continue;
      const bucket = this.#visible.get(bucketKey(verb, targetKey, roleKey, any));
      const command = bucket?.unclaimed();
      if (command !== undefined && command.sequence < (earliest?.sequence ?? Infinity)) {
        earliest = command;
      }
    }
    return earliest;
  }

  #forget(command: WaitingCommand): void {
    this.#blockable.delete(command);
    this.#statements.delete(command);
    if (this.#unclaimed.get(command.key) === command) this.#unclaimed.delete(command.key);
  }
}

function bucketOf(buckets: Map<string, Bucket>, key: string): Bucket {
  const known = buckets.get(key);
  if (known !== undefined) return known;
  const bucket = new Bucket();
  buckets.set(key, bucket);
  return bucket;
}

/** A security manager's line that waits for the command or request it belongs to. */
export interface WaitingWrite {
  readonly signal: Signal;
  readonly event: EvidenceEvent;
  /** A change has claimed it, or it has become one. */
  taken: boolean;
}

/** The security manager's lines of one stream that wait for their owner, by verb and name. */
export class WaitingWrites {
  readonly #all: WaitingWrite[] = [];
  #head = 0;
  readonly #byVerb = new Map<Verb | undefined, WaitingWrite[]>();
  readonly #byName = new Map<string, WaitingWrite[]>();

  add(signal: Signal, event: EvidenceEvent): void {
    const write = { signal, event, taken: false };
    this.#all.push(write);
    if (!canBeOwned(signal)) return;
    const { verb } = signal;
    listOf(this.#byVerb, verb).push(write);
    listOf(this.#byName, JSON.stringify([verb, nameOfWrite(signal)])).push(write);
  }

  /** The earliest that still waits. */
  first(): WaitingWrite | undefined {
    for (; this.#head < this.#all.length; this.#head += 1) {
      const write = this.#all[this.#head];
      if (write !== undefined && !write.taken) return write;
    }
    return undefined;
  }

  /**
   * Takes the lines that were caused by what an outcome or request reports, at most
   * {@link writeHoldMs} before `epochMs`, the latest first.
   *
   * @param isOwn whether a line of the right verb and name really is the owner's; any other keeps
   *   waiting
   */
  takeFor(
    owner: Signal,
    epochMs: number,
    isOwn: (write: WaitingWrite) => boolean = () => true,
  ): readonly WaitingWrite[] {
    const mine: WaitingWrite[] = [];
    for (const { verb, name, latestOnly } of verbsWrittenBy(owner)) {
      for (const list of this.#lists(verb, name)) {
        const left: WaitingWrite[] = [];
        let write = list.at(-1);
        while (write !== undefined && epochMs - write.event.timestamp <= writeHoldMs) {
          list.pop();
          if (!write.taken && isOwn(write)) {
            write.taken = true;
            mine.push(write);
            if (latestOnly) break;
          } else if (!write.taken) {
            left.push(write);
          }
          write = list.at(-1);
        }
        list.push(...left.reverse());
      }
    }
    return mine;
  }

  /** The earliest waiting line of a verb within a span of time (both ends included). */
  firstOf(verb: Verb | undefined, fromEpochMs: number, toEpochMs: number): Signal | undefined {
    const list = this.#byVerb.get(verb) ?? [];
    let found: Signal | undefined;
    for (let at = list.length - 1; at >= 0; at -= 1) {
      const write = list[at];
      if (write === undefined || write.event.timestamp < fromEpochMs) break;
      if (!write.taken && write.event.timestamp <= toEpochMs) found = write.signal;
    }
    return found;
  }

  /** Whether a line of a verb that is not older than this is waiting. */
  holds(verb: Verb, sinceEpochMs: number): boolean {
    const list = this.#byVerb.get(verb) ?? [];
    while (list.at(-1)?.taken === true) list.pop();
    return (list.at(-1)?.event.timestamp ?? Number.NEGATIVE_INFINITY) >= sinceEpochMs;
  }

  /**
   * A line without a name can have any owner, and an owner without a name takes every line of the
   * verb.
   */
  #lists(verb: Verb, name: string | undefined): readonly WaitingWrite[][] {
    if (name === undefined) return [listOf(this.#byVerb, verb)];
    return [name, undefined].map((one) => listOf(this.#byName, JSON.stringify([verb, one])));
  }
}

function listOf<K>(lists: Map<K, WaitingWrite[]>, key: K): WaitingWrite[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: WaitingWrite[] = [];
  lists.set(key, list);
  return list;
}
