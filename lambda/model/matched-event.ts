/** A log event that at least one detection's filter found. */
export interface MatchedEvent {
  readonly logGroup: string;
  readonly logStream: string;
  /** Event time in epoch milliseconds. */
  readonly timestamp: number;
  /** As it was written: not redacted, not cut. */
  readonly message: string;
  /** Ids of the detections whose filter and log types it fits. */
  readonly detections: readonly string[];
}
