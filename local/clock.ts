/** The time of a local stand-in: the wall clock, or the virtual clock of a replayed session. */
export interface Clock {
  nowEpochMs(): number;
}

export const wallClock: Clock = { nowEpochMs: () => Date.now() };

/** A clock that does not move until it is set. */
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
