import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { classifyAwsError } from '../aws/aws-errors.ts';
import { callAws } from '../aws/call-aws.ts';
import type { Deadline } from '../common/time.ts';
import { queryTimes } from '../model/windows.ts';
import { QueryError, type QueryRequest, type QueryShell } from './query.ts';

/**
 * StartQuery has no idempotency token: a retried call is a second query that is billed again. So it
 * is retried freely only after errors that say that nothing was started, and just once after a lost
 * answer, which at worst doubles the bytes of one tick. The orphaned query ends by itself.
 */
const lostStartsMax = 1;

/**
 * Starts a query and returns its id.
 *
 * @throws QueryError whose `startFailure` says how StartQuery failed
 */
export async function startQuery(
  shell: QueryShell,
  { queryString, logGroups, window, limit }: QueryRequest,
  deadline: Deadline,
): Promise<string> {
  const logGroupNames = [...logGroups];
  const command = new StartQueryCommand({
    ...{ queryString, logGroupNames, ...queryTimes(window) },
    ...(limit !== undefined && { limit }),
  });
  try {
    const { queryId } = await callAws(
      'StartQuery',
      (options) => shell.logs.send(command, options),
      shell,
      deadline,
      lostStartsMax,
    );
    if (queryId === undefined) {
      throw new Error('StartQuery answered without a queryId');
    }
    return queryId;
  } catch (cause) {
    throw new QueryError(`StartQuery failed for ${logGroupNames.join(', ')}`, {
      startFailure: classifyAwsError(cause),
      cause,
    });
  }
}
