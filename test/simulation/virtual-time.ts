interface Entry {
  readonly epochMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A stop to something that waits for ever. */
const turnsMax = 5_000_000;

/**
 * The one clock of a simulated world. Nothing happens but what was entered for some moment; between
 * two moments no time passes.
 *
 * All that runs in between are the promises of whoever was answered: they are let come to rest before
 * the next moment, so that the same entries give the same run.
 */
export class VirtualTime {
  #nowEpochMs: number;
  #entered = 0;
  /** A binary heap: the earliest first, of one moment the first entered. */
  readonly #heap: Entry[] = [];

  constructor(startEpochMs: number) {
    this.#nowEpochMs = startEpochMs;
  }

  get nowEpochMs(): number {
    return this.#nowEpochMs;
  }

  /** Enters something to do; what is entered for the past is done next. */
  at(epochMs: number, run: () => void): void {
    this.#entered += 1;
    this.#push({ epochMs: Math.max(epochMs, this.#nowEpochMs), order: this.#entered, run });
  }

  after(milliseconds: number, run: () => void): void {
    this.at(this.#nowEpochMs + milliseconds, run);
  }

  /** Lives on until nothing is entered any more before a moment (itself included), which it is then. */
  async runUntil(epochMs: number): Promise<void> {
    for (let turns = 0; (this.#heap[0]?.epochMs ?? Infinity) <= epochMs; turns += 1) {
      if (turns > turnsMax) throw new Error(`the simulated world does not come to ${epochMs}`);
      this.#nowEpochMs = this.#heap[0]?.epochMs ?? this.#nowEpochMs;
      while (this.#heap[0]?.epochMs === this.#nowEpochMs) this.#pop()?.run();
      await atRest();
    }
    this.#nowEpochMs = epochMs;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) below += 1;
      const child = heap[below];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.epochMs < b.epochMs || (a.epochMs === b.epochMs && a.order < b.order);
}

/** Node runs an immediate when no promise has anything left to do. */
function atRest(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
