/** Decides from the bytes of an event's message whether anybody wants to see the event. */
export interface GroupSieve {
  /**
   * @param from where the message begins in `bytes`, as JSON with its quotes
   * @param to where it ends
   * @returns whether the event must be read
   */
  mayMatter(bytes: Uint8Array, from: number, to: number): boolean;
  /** Counts an event that nobody wants to see; times in epoch milliseconds. */
  pass(timestamp: number, ingestionTime: number | undefined): void;
}

/** Where most events of a log do not matter, a sieve saves reading them. */
export interface EventSieve {
  ofGroup(logGroup: string): GroupSieve;
}
