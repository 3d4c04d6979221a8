import { type LogType, logTypes } from '../../lambda/log-types.ts';

/**
 * The log group of lines whose log type is not known: MWAA has none of this name, and what reads it is
 * to take its lines for those of any type.
 */
export function unknownTypeGroup(environment: string): string {
  return `airflow-${environment}-Unknown`;
}

/** The environment whose lines of unknown type a log group holds; undefined for any other group. */
export function environmentOfUnknownTypeGroup(logGroup: string): string | undefined {
  return /^airflow-(?<environment>[a-zA-Z][0-9a-zA-Z_-]{0,79})-Unknown$/.exec(logGroup)?.groups
    ?.environment;
}

/** The name of a log group of unknown type, or an `@log` that ends with it, as if it were of that type. */
export function typedLog(log: string, logType: LogType): string {
  return log.replace(/-Unknown$/, `-${logType}`);
}

/** What a person is to do about a file whose log type is not known. */
export const askForLogType = `give it with --log-type ${logTypes.slice(0, -1).join(', ')} or ${logTypes.at(-1)}`;
