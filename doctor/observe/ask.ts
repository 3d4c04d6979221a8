import type { z } from 'zod';
import { classifyAwsError } from '../../lambda/aws-errors.ts';
import { abridged } from '../../lambda/cut-text.ts';
import { errorCharactersMax } from '../../lambda/log.ts';
import { known, type Part } from '../part.ts';

/**
 * Makes one read-only call, or the calls of all pages, and takes any end of it for an answer.
 *
 * @param action what IAM calls it: `kms:DescribeKey`
 * @param shape what is read of the answer; its other fields are left out
 * @param call resolves with the answer, as the SDK gives it
 */
export type Ask = <T>(
  action: string,
  shape: z.ZodType<T>,
  call: () => Promise<unknown>,
) => Promise<Part<T>>;

/** @param onProgress called with how many calls were answered, of those that were begun */
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
  const error = `the answer is of another shape than documented: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}`;
  return { kind: 'failed', action, error };
}

/** As the API's JSON has it: dates as ISO 8601, no member that is null. */
function plain(answer: unknown): unknown {
  if (answer === undefined) return undefined;
  return JSON.parse(JSON.stringify(answer, (_key, value) => (value === null ? undefined : value)));
}

/** Names that services have for "denied" beside the usual two. */
const deniedNames = new Set([
  'AuthorizationError',
  'AuthorizationErrorException',
  'UnauthorizedOperation',
]);

function missing(action: string, error: unknown): Part<never> {
  const name = error instanceof Error ? error.name : 'Error';
  // The SDK goes on about how to debug it, in further lines.
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  // An answer without a body, as S3 has some, comes without a name.
  const isNameless = name === 'UnknownError' && $metadata?.httpStatusCode === 403;
  const isDenied = classifyAwsError(error) === 'denied' || deniedNames.has(name) || isNameless;
  const said = abridged(`${name}: ${message}`, errorCharactersMax);
  return { kind: isDenied ? 'denied' : 'failed', action, error: said };
}
