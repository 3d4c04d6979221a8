import { type LogType, logTypes } from '../../../lambda/model/log-types.ts';

/**
 * The log group of lines of unknown log type: MWAA has no group of this name, and its readers must
 * treat its lines as lines of any type.
 */
export function unknownTypeGroup(environment: string): string {
  return `airflow-${environment}-Unknown`;
}

/** The environment of a log group of unknown type; undefined for any other group. */
export function environmentOfUnknownTypeGroup(logGroup: string): string | undefined {
  return /^airflow-(?<environment>[a-zA-Z][0-9a-zA-Z_-]{0,79})-Unknown$/.exec(logGroup)?.groups
    ?.environment;
}

/** Replaces the unknown type in the name of a log group, or in an `@log` that ends with it. */
export function typedLog(log: string, logType: LogType): string {
  return log.replace(/-Unknown$/, `-${logType}`);
}

/** What to do about a file of unknown log type. */
export const askForLogType = `give it with --log-type ${logTypes.slice(0, -1).join(', ')} or ${logTypes.at(-1)}`;
