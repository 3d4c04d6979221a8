import type { z } from 'zod';
import { classifyAwsError } from '../../lambda/aws/aws-errors.ts';
import { abridged } from '../../lambda/common/cut-text.ts';
import { errorCharactersMax } from '../../lambda/common/log.ts';
import { known, type Part } from '../shapes/part.ts';

/**
 * Makes one read-only call, or the calls for all pages, and turns every outcome into a part: an
 * error becomes a missing part. Never rejects.
 *
 * @param action the IAM action, such as `kms:DescribeKey`
 * @param shape the fields to read; all other fields of the answer are dropped
 * @param call resolves with the answer as the SDK returns it
 */
export type Ask = <T>(
  action: string,
  shape: z.ZodType<T>,
  call: () => Promise<unknown>,
) => Promise<Part<T>>;

/** @param onProgress called with the number of calls answered, and of calls begun so far */
export function createAsk(onProgress: (answered: number, begun: number) => void = () => {}): Ask {
  let answered = 0;
  let begun = 0;
  return async (action, shape, call) => {
    begun += 1;
    onProgress(answered, begun);
    try {
      return read(action, shape, await call());
    } catch (error) {
      return missing(action, error);
    } finally {
      answered += 1;
      onProgress(answered, begun);
    }
  };
}

function read<T>(action: string, shape: z.ZodType<T>, answer: unknown): Part<T> {
  const result = shape.safeParse(plain(answer));
  if (result.success) return known(result.data);
  const [issue] = result.error.issues;
  const error = `the answer has an undocumented shape: ${issue?.path.join('.') || 'the whole answer'}: ${issue?.message}`;
  return { kind: 'failed', action, error };
}

/** Converts an SDK answer to the API's JSON: dates in ISO 8601, members that are null left out. */
function plain(answer: unknown): unknown {
  if (answer === undefined) return undefined;
  return JSON.parse(JSON.stringify(answer, (_key, value) => (value === null ? undefined : value)));
}

/** Error names for "denied" that `classifyAwsError` does not know. */
const deniedNames = new Set([
  'AuthorizationError',
  'AuthorizationErrorException',
  'UnauthorizedOperation',
]);

function missing(action: string, error: unknown): Part<never> {
  const name = error instanceof Error ? error.name : 'Error';
  // Further lines of the SDK's messages only explain how to debug.
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  // Some of S3's errors have no body, and therefore no name.
  const isNameless = name === 'UnknownError' && $metadata?.httpStatusCode === 403;
  const isDenied = classifyAwsError(error) === 'denied' || deniedNames.has(name) || isNameless;
  const shown = abridged(`${name}: ${message}`, errorCharactersMax);
  return { kind: isDenied ? 'denied' : 'failed', action, error: shown };
}
