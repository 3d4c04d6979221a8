import type { GroupTreatment } from '../../line-kernel/group-table.ts';
import type { LineKernel } from '../../line-kernel/line-kernel.ts';
import type { EventTotals } from '../../log-event.ts';

/** Decides from the bytes of an event's message whether anybody wants to see the event. */
export interface GroupSieve {
  /**
   * Which messages are asked about; the others are passed over. It is asked for again after each line that was
   * read. @default - all are
   */
  readonly treatment?: GroupTreatment;
  /**
   * @param from where the message begins in `bytes`, as JSON with its quotes
   * @param to where it ends
   * @returns whether the event must be read
   */
  mayMatter(bytes: Buffer, from: number, to: number): boolean;
  /**
   * Counts an event that nobody wants to see; times in epoch milliseconds.
   *
   * @param messageBytes the length of its message in UTF-8
   */
  pass(timestamp: number, ingestionTime: number | undefined, messageBytes: number): void;
  /**
   * Counts several of them, of the times of its treatment, which is done much faster. @default - each is counted on
   * its own
   */
  passTogether?(passed: EventTotals): void;
}

/** Where most events of a log do not matter, a sieve saves reading them. */
export interface EventSieve {
  /** In whose memory its treatments search. @default - they search for nothing */
  readonly kernel?: LineKernel;
  ofGroup(logGroup: string): GroupSieve;
}
