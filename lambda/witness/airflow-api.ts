import type * as z from 'zod/mini';
import { type CallShell, callAws, classifyAwsError } from '../aws/call-aws.ts';
import {
  type MwaaAccess,
  RestApiError,
  type RestApiRead,
  readRestApi,
} from '../aws/mwaa-request.ts';
import { schemaIssues } from '../common/parse-input.ts';
import { DeadlineError } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';

/**
 * A read that did not succeed. The cause is in the monitor's own words: answers and errors may hold texts of
 * people who are watched.
 */
export class ReadFailedError extends Error {
  override readonly name = 'ReadFailedError';
}

/** Reads one page of Airflow's REST API. */
export type AirflowApi = <T>(schema: z.ZodMiniType<T>, read: RestApiRead) => Promise<T>;

/** A lost answer may be asked for again: every call only reads. */
const lostAnswersMax = 1;

/**
 * Airflow's REST API by way of `airflow:InvokeRestApi`: nothing but GETs.
 *
 * @returns a function that throws ReadFailedError
 */
export function airflowApi(
  shell: CallShell & { readonly mwaa: MwaaAccess },
  mwaaEnvironment: string,
  deadline: Deadline,
): AirflowApi {
  return async (schema, read) => {
    const { path } = read;
    let answer: unknown;
    try {
      answer = await callAws(
        'InvokeRestApi',
        ({ requestTimeout }) => readRestApi(shell.mwaa, mwaaEnvironment, read, requestTimeout),
        shell,
        deadline,
        lostAnswersMax,
      );
    } catch (error) {
      throw new ReadFailedError(causeOf(error, path), { cause: error });
    }
    const { data, error } = schema.safeParse(textOrJson(answer));
    if (error === undefined) return data;
    const [issue] = schemaIssues(error, answer);
    throw new ReadFailedError(
      `Airflow's answer to ${path} has another form: field "${issue?.field}": ${issue?.rule}`.slice(
        0,
        causeCharactersMax,
      ),
    );
  };
}

const causeCharactersMax = 200;

/** An answer that MWAA passes on as text is read all the same. */
function textOrJson(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}

function causeOf(error: unknown, path: string): string {
  if (error instanceof RestApiError) {
    const { restApiStatus: status } = error;
    if (status === 401 || status === 403) {
      return `Airflow refused ${path} (HTTP ${status}): the Airflow role of the witness may not read it`;
    }
    return `Airflow answered ${path} with ${status === undefined ? 'an error' : `HTTP ${status}`}`;
  }
  const cause = error instanceof DeadlineError ? error.cause : error;
  switch (classifyAwsError(cause)) {
    case 'denied':
      return 'IAM or MWAA refused airflow:InvokeRestApi';
    case 'throttled':
      return `MWAA throttled the reads of ${path}`;
    case 'not-found':
      return 'MWAA knows no such environment';
    case 'unavailable':
      return 'MWAA could not be reached';
    case 'lost-answer':
      return `MWAA did not answer ${path} in time`;
    default:
      return error instanceof DeadlineError
        ? `no time was left to read ${path}`
        : `the read of ${path} failed: ${error instanceof Error ? error.name : 'unknown error'}`;
  }
}
