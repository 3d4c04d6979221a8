import type { Clock } from './time.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes one decision as one line of JSON. Texts of log events never belong into its fields. */
export type Log = (
  level: LogLevel,
  decision: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/**
 * A log for one environment; each line is `{level, time, environment, tick, decision, …fields}`.
 *
 * @param write takes a line with its end; standard output, since `console.log` in a Lambda puts
 *   its own prefix before the JSON
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

/** An error and its causes as one line: `QueryError: … <- ThrottlingException: Rate exceeded`. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause !== undefined && parts.length < causesMax; ) {
    parts.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return parts.join(' <- ');
}
