import type { z } from 'zod';
import { classifyAwsError } from '../../lambda/aws/call-aws.ts';
import { errorCharactersMax } from '../../lambda/common/log.ts';
import { describeIssues } from '../../lambda/common/parse-input.ts';
import { abridged } from '../../lambda/common/text.ts';
import { minuteMs, type Timer } from '../../lambda/common/time.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { Expectations } from '../facts/facts.ts';
import { known, type Part } from '../shapes/log-shapes.ts';

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
  const input = plain(answer);
  const result = shape.safeParse(input);
  if (result.success) return known(result.data);
  const issues = describeIssues(result.error, input);
  const error = abridged(`the answer has an undocumented shape: ${issues}`, errorCharactersMax);
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

const pagesMax = 200;

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly next: string | undefined;
}

/**
 * Collects the items of all pages.
 *
 * @param fetchPage fetches one page; without a token, the first
 * @throws Error for more than `pagesMax` pages, and any error of `fetchPage`: never returns a part
 */
export async function allPages<T>(
  fetchPage: (token: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  for (let page = 1; page <= pagesMax; page += 1) {
    const fetched = await fetchPage(token);
    items.push(...(fetched.items ?? []));
    if (fetched.next === undefined || fetched.next === '') return items;
    token = fetched.next;
  }
  throw new Error(`the list has more than ${pagesMax} pages`);
}

/** The results of `fetchOne` by name; all calls run concurrently. */
export async function byName<T>(
  names: Iterable<string>,
  fetchOne: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const entries = Array.from(names, async (name) => [name, await fetchOne(name)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The shortest time that metrics are read back. */
export const lookbackMinutes = 180;

export interface ObserveOptions {
  readonly mwaaEnvironment: string;
  /** Names that the user has for environments, and may have meant when there is none of this name. */
  readonly otherNames?: readonly string[] | undefined;
  readonly nowEpochMs: number;
  readonly expectations: Expectations;
  /** The queries that the monitor runs on the environment. */
  readonly plan: ScanPlan;
  /** Waits while a query runs. */
  readonly timer: Timer;
}

/** The last `minutes` minutes, as a span of time. */
export function recent({ nowEpochMs }: Pick<ObserveOptions, 'nowEpochMs'>, minutes: number) {
  return { startEpochMs: nowEpochMs - minutes * minuteMs, endEpochMs: nowEpochMs };
}
