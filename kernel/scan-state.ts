/** The fields of the state of a scan, by their places in memory. */
export namespace Field {
  export const at: usize = 0;
  export const to: usize = 4;
  export const layouts: usize = 8;
  export const layoutsCount: usize = 12;
  export const groupNames: usize = 16;
  export const groupNamesCount: usize = 20;
  export const streamNames: usize = 24;
  export const streamNamesCount: usize = 28;
  export const groups: usize = 32;
  export const records: usize = 36;
  export const recordsMax: usize = 40;
  export const recordsCount: usize = 44;
  /** What was found of the line at {@link at}. */
  export const group: usize = 56;
  export const nameFrom: usize = 60;
  export const nameTo: usize = 64;
  export const messageFrom: usize = 68;
  export const messageTo: usize = 72;
  export const textBytes: usize = 76;
  export const next: usize = 80;
  export const isOwn: usize = 84;
  export const timestamp: usize = 88;
  export const ingestionTime: usize = 96;
  /** Times outside are not passed over. */
  export const firstEpochMs: usize = 104;
  export const lastEpochMs: usize = 112;
  export const latestEpochMs: usize = 120;
  /** How many lines were passed over since they were last taken, and the time of the last one. */
  export const passedCount: usize = 128;
  export const passedEpochMs: usize = 136;
}

/** The fields of a group. */
export namespace Group {
  export const mode: usize = 0;
  /** What its messages are searched for. */
  export const search: usize = 4;
  /** Events of other times are passed over. */
  export const firstEpochMs: usize = 8;
  export const lastEpochMs: usize = 16;
  /** Whether each line that is passed over has a record; otherwise, only those of other times have one. */
  export const recordsEach: usize = 24;
  /** What is known of the others together. */
  export const count: usize = 28;
  export const textBytes: usize = 32;
  export const earliestEpochMs: usize = 40;
  export const latestEpochMs: usize = 48;
  export const latestIngestionEpochMs: usize = 56;
  /** The latest time at which one of them could be read: that of its ingestion, if it has one. */
  export const latestVisibleEpochMs: usize = 64;
}
export const groupBytes: usize = 80;
