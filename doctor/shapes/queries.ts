import { z } from 'zod';
import { partSchema } from '../part.ts';

/**
 * StartQuery's answer: the id of a query, or why the text is none.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export const startedQueryShape = z.union([
  z.object({ queryId: z.string() }),
  /** The message of MalformedQueryException. */
  z.object({ refused: z.string() }),
]);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
export const queryEndShape = z.object({
  /** `Scheduled` and `Running`: it did not end while the doctor waited. */
  status: z.string(),
  statistics: z.object({ bytesScanned: z.number() }).partial().optional(),
});

export type QueryEnd = z.output<typeof queryEndShape>;

const queryTrialShape = z.object({
  kind: z.enum(['documented', 'pack', 'detection']),
  /** Ids of those that the text asks for; none of the documented query, which counts. */
  detections: z.array(z.string()),
  start: partSchema(startedQueryShape),
  /** undefined when nothing was started. */
  end: partSchema(queryEndShape).optional(),
});

export type QueryTrial = z.output<typeof queryTrialShape>;

/** What came of the monitor's texts over one second of the log groups. No row of an answer is kept. */
export const queryTrialsShape = z.object({
  /** The second begins here. */
  startEpochMs: z.number(),
  trials: z.array(queryTrialShape),
  /** Detections that were not asked alone although the pack is refused: there are too many. */
  notTried: z.array(z.string()),
});

export type QueryTrials = z.output<typeof queryTrialsShape>;
