/**
 * What a tick uses besides its queries, where nothing was found. test/lambda/scenarios/tick-costs.test.ts
 * measures all of it.
 */
export const tickUsage = {
  ledgerWrites: 38,
  ledgerReads: 14,
  /** PutMetricData: the documented query's numbers, its lag, the pack's numbers, the tick's health. */
  metricPuts: 4,
  /** Bytes of the scanner's own log, at most. */
  logBytesMax: 8_000,
};

/** What each slice adds beyond a tick's first two: one of a sweep, or of catching up. */
export const sliceUsage = {
  ledgerWrites: 16,
  ledgerReads: 5,
  metricPuts: 1,
  logBytesMax: 3_000,
};

/** Metrics that the scanner reads in an hour: what came into each log group, now and in its history. */
export const metricsReadPerHour = 10;

/** Bytes of the record of a slice of one log group, at most: nearly all that the ledger stores. */
export const sliceRecordBytesMax = 500;

/** What nothing here measures: it depends on AWS. */
export const assumed = {
  /** How long a run takes, besides the seconds that it waits to begin. */
  runSeconds: 8,
  /** KMS requests of DynamoDB, CloudWatch Logs, SNS and Lambda in a tick; they keep keys for minutes. */
  keyRequestsPerTick: 4,
  /** How long the second witness takes to read an environment with some hundred users and some ten roles. */
  witnessRunSeconds: 10,
  /** Its state, its mark and a snapshot of which no role or user changed. */
  witnessWritesPerRun: 6,
  /** Of the witness in a run, and of the scanner that joins what it saw, in a tick. */
  witnessReadsPerRun: 10,
  witnessReadsPerTick: 20,
};
