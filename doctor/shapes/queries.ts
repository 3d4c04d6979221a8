import { z } from 'zod';
import { partSchema } from './part.ts';

/**
 * StartQuery's answer: the query's id, or why it was refused.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export const startedQueryShape = z.union([
  z.object({ queryId: z.string() }),
  /** The message of MalformedQueryException. */
  z.object({ refused: z.string() }),
]);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
export const queryEndShape = z.object({
  /** `Scheduled` and `Running`: the query did not end before the doctor's deadline. */
  status: z.string(),
  statistics: z.object({ bytesScanned: z.number() }).partial().optional(),
});

export type QueryEnd = z.output<typeof queryEndShape>;

const queryTrialShape = z.object({
  kind: z.enum(['documented', 'pack', 'detection']),
  /** The ids of the detections in the text; empty for the documented query, which only counts. */
  detections: z.array(z.string()),
  start: partSchema(startedQueryShape),
  /** undefined when no query was started. */
  end: partSchema(queryEndShape).optional(),
});

export type QueryTrial = z.output<typeof queryTrialShape>;

/** The outcomes of the monitor's queries over one second of the log groups; no rows are stored. */
export const queryTrialsShape = z.object({
  /** The start of that second. */
  startEpochMs: z.number(),
  trials: z.array(queryTrialShape),
  /** Detections that were not tried alone, although the pack did not work: there are too many. */
  notTried: z.array(z.string()),
});

export type QueryTrials = z.output<typeof queryTrialsShape>;
