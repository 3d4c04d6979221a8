import { type EvidenceEvent, writeHoldMs } from '../model/correlation-state.ts';
import type { Signal } from '../model/signal.ts';
import type { Verb } from '../model/verbs.ts';
import { canBeOwned, nameOfWrite, verbsWrittenBy } from './same-change.ts';

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
