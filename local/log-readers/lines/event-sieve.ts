/** Decides from the bytes of an event's message whether anybody wants to see the event. */
export interface GroupSieve {
  /**
   * @param from where the message begins in `bytes`, as JSON with its quotes
   * @param to where it ends
   * @param timestamp the event's, in epoch milliseconds
   * @returns whether the event must be read
   */
  mayMatter(bytes: Uint8Array, from: number, to: number, timestamp: number): boolean;
  /**
   * Counts an event that nobody wants to see; times in epoch milliseconds.
   *
   * @param messageBytes the length of its message in UTF-8
   */
  pass(timestamp: number, ingestionTime: number | undefined, messageBytes: number): void;
}

/** Where most events of a log do not matter, a sieve saves reading them. */
export interface EventSieve {
  ofGroup(logGroup: string): GroupSieve;
}
