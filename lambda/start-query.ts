import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { classifyAwsError } from './aws-errors.ts';
import { callAws } from './call-aws.ts';
import { QueryError, type QueryRequest, type QueryShell } from './query.ts';
import type { Deadline } from './time.ts';
import { queryTimes } from './windows.ts';

/**
 * StartQuery takes no idempotency token: a repeated call is a second query that is billed again.
 * So it is repeated freely only after errors that say that nothing was started; after a lost
 * answer just once, which at worst doubles the bytes of one tick. The orphan ends by itself.
 */
const lostStartsMax = 1;

/**
 * Starts a query and returns its id.
 *
 * @throws QueryError whose `startFailure` says what StartQuery failed with
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
