import { abridged } from './text.ts';
import type { Clock } from './time.ts';

type LogLevel = 'info' | 'warn' | 'error';

/**
 * Writes one decision as one line of JSON. Never put the text of a log event into its fields; of a finding,
 * its title may be there, which is redacted and short.
 */
export type Log = (
  level: LogLevel,
  decision: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/**
 * A log for one environment; each line is `{level, time, environment, tick, decision, …fields}`.
 *
 * @param write writes a line that ends with a line feed, in a Lambda to standard output:
 *   `console.log` puts its own prefix before the JSON there
 */
export function createLog(
  write: (line: string) => void,
  clock: Clock,
  about: { readonly environment: string; readonly tick?: string },
): Log {
  return (level, decision, fields) => {
    const time = new Date(clock.nowEpochMs()).toISOString();
    write(`${JSON.stringify({ level, time, ...about, decision, ...fields })}\n`);
  };
}

const causesMax = 5;
/** Characters of one error; AWS repeats whole query texts in some of its messages. */
export const errorCharactersMax = 500;
/** A run may fail for each of hundreds of findings, for the same reason. */
const errorsMax = 20;

/**
 * An error and its causes as one line: `QueryError: … <- ThrottlingException: Rate exceeded`.
 *
 * @returns at most five errors, 500 characters of each; one that is cut ends with its length
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause !== undefined && parts.length < causesMax; ) {
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    parts.push(abridged(said, errorCharactersMax));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return parts.join(' <- ');
}

/**
 * Each error as {@link describeError} writes it; at most the first 20 and how many more there are.
 */
export function describeErrors(errors: readonly unknown[]): string[] {
  const described = errors.slice(0, errorsMax).map(describeError);
  const more = errors.length - described.length;
  return more > 0 ? [...described, `and ${more} more`] : described;
}
