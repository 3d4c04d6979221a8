import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import type { QueriesContext } from './query-store.ts';

const input = z.object({ queryId: z.string().min(1).max(256) });

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html */
export const stopQuery = defineOperation(
  'StopQuery',
  'InvalidParameterException',
  input,
  ({ queryId }, { queries }: QueriesContext) => {
    const state = queries.get(queryId);
    if (!state) throw new AwsError('ResourceNotFoundException', `there is no query ${queryId}`);
    if (!queries.cancel(queryId)) {
      throw new AwsError(
        'InvalidParameterException',
        `the query ${queryId} is not running: it is ${state.status}`,
      );
    }
    return { success: true };
  },
);
