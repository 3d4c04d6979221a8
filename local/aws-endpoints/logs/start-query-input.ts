import { z } from 'zod';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-names.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
export const startQueryInputSchema = z.object({
  queryLanguage: z.literal('CWLI', 'only the language CWLI is supported here').optional(),
  logGroupName: logGroupNameSchema.optional(),
  logGroupNames: z.array(logGroupNameSchema).min(1).max(50).optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  /**
   * Epoch seconds, both inclusive; how much of the last second counts is the endpoints' `endTime`.
   */
  startTime: z.int().min(0),
  endTime: z.int().min(0),
  queryString: z.string().max(10_000),
  limit: z.int().min(1).max(100_000).optional(),
});

export type StartQueryInput = z.output<typeof startQueryInputSchema>;
