import type { FaultKind } from './faults.ts';
import { Strikes } from './faults.ts';
import type { Random } from './random.ts';

interface Waiting {
  readonly atEpochMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time that all of a simulation lives in: what waits goes on in the order of its times, and
 * nothing waits for real.
 */
export class World {
  nowEpochMs: number;
  readonly random: Random;
  readonly strikes = new Strikes();
  /** What happened, in its order: the readable form of a schedule. */
  readonly story: { readonly atEpochMs: number; readonly text: string }[] = [];
  /** Bugs of the monitor that only show on the way. */
  readonly broken: string[] = [];
  #waiting: Waiting[] = [];
  #order = 0;

  constructor(startEpochMs: number, random: Random) {
    this.nowEpochMs = startEpochMs;
    this.random = random;
  }

  tell(text: string): void {
    this.story.push({ atEpochMs: this.nowEpochMs, text });
  }

  strike(kind: FaultKind, about = ''): void {
    this.strikes.count(kind);
    this.tell(`  fault: ${kind}${about === '' ? '' : ` (${about})`}`);
  }

  at(atEpochMs: number, run: () => void): void {
    const waiting = { atEpochMs: Math.max(atEpochMs, this.nowEpochMs), order: this.#order, run };
    this.#order += 1;
    let place = this.#waiting.length;
    while (place > 0 && isBehind(this.#waiting[place - 1], waiting)) place -= 1;
    this.#waiting.splice(place, 0, waiting);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowEpochMs + milliseconds, resolve));
  }

  /** Lets everything happen that is due before a time, and then lets it be that time. */
  async runUntil(endEpochMs: number): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || next.atEpochMs > endEpochMs) break;
      this.#waiting.shift();
      this.nowEpochMs = next.atEpochMs;
      next.run();
      await settled();
    }
    this.nowEpochMs = endEpochMs;
  }
}

function isBehind(other: Waiting | undefined, waiting: Waiting): boolean {
  return other !== undefined && other.atEpochMs > waiting.atEpochMs;
}

/** Until all promises have gone as far as they can: what goes on now waits for virtual time. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
