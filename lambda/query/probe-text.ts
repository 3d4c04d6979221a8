import * as z from 'zod/mini';
import { isMalformedQuery } from '../aws/aws-errors.ts';
import { abridged, cutText } from '../common/cut-text.ts';
import { describeError } from '../common/log.ts';
import type { Deadline } from '../common/time.ts';
import { excerptCharactersMax, messageCharactersMax } from '../ledger/refused-text-items.ts';
import type { Refusal, TextAnswer } from '../model/refused-texts.ts';
import { QueryError, type QueryRequest, type QueryShell } from './query.ts';
import { stopQuery } from './run-query.ts';
import { startQuery } from './start-query.ts';

/**
 * Tests whether StartQuery accepts a text. The query is stopped at once: its answer is not needed.
 *
 * @returns `refused` for MalformedQueryException alone, which may also be about the window: the
 *   caller compares with a text that is known to be good
 * @throws errors that are no QueryError
 */
export async function probeText(
  shell: QueryShell,
  request: Pick<QueryRequest, 'queryString' | 'logGroups' | 'window'>,
  deadline: Deadline,
): Promise<TextAnswer> {
  try {
    const queryId = await startQuery(shell, request, deadline);
    await stopQuery(shell, queryId, deadline);
    return { kind: 'accepted' };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const refusal = textRefusalOf(error, request.queryString);
    if (refusal !== undefined) return { kind: 'refused', refusal };
    shell.log('warn', 'text-not-probed', { error: describeError(error) });
    return { kind: 'unknown' };
  }
}

/** The position in the text, which the SDK's error has in addition to its message. */
const compileErrorSchema = z.object({
  queryCompileError: z.object({
    location: z.object({
      startCharOffset: z.int().check(z.minimum(0)),
      endCharOffset: z.int().check(z.minimum(0)),
    }),
  }),
});

/**
 * Why StartQuery refused a text, cut to what the ledger stores.
 *
 * @returns undefined for a query that failed for another reason, or whose window lies outside of a
 *   log group's life according to AWS's message
 */
export function textRefusalOf(
  { startFailure, cause }: QueryError,
  queryString: string,
): Refusal | undefined {
  if (startFailure !== 'other' || !isMalformedQuery(cause)) return undefined;
  const message = abridged(cause.message || 'no reason', messageCharactersMax).toWellFormed();
  const { data } = compileErrorSchema.safeParse(cause);
  if (data === undefined) return { message };
  const { startCharOffset: start, endCharOffset: end } = data.queryCompileError.location;
  const excerpt = `characters ${start} to ${end}: ${queryString.slice(start, end)}`;
  return { message, excerpt: cutText(excerpt, excerptCharactersMax).toWellFormed() };
}
