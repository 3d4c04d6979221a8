/** The time that a local stand-in lives in: the wall clock, or the virtual one of a replayed session. */
export interface Clock {
  nowEpochMs(): number;
}

export const wallClock: Clock = { nowEpochMs: () => Date.now() };

/** A clock that stands still until it is set. */
export class VirtualClock implements Clock {
  #epochMs: number;

  constructor(epochMs: number) {
    this.#epochMs = epochMs;
  }

  nowEpochMs(): number {
    return this.#epochMs;
  }

  set(epochMs: number): void {
    this.#epochMs = epochMs;
  }
}
