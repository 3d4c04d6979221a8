import { styleText } from 'node:util';
import {
  type ReadReport,
  summarizeProblems,
} from '../../local/log-readers/report/problem-report.ts';
import { visibleText } from '../../local/visible-text.ts';
import { warn } from './warnings.ts';

/** How to treat logs that cannot be read completely. */
export interface IncompleteLogsOptions {
  /** @default false */
  readonly allowIncomplete?: boolean;
}

/** A sentence about the parts of logs that were not read; undefined when all were read. */
export function whatIsMissing(
  path: string,
  report: ReadReport,
  further: readonly string[] = [],
): string | undefined {
  const parts = [...(report.isComplete ? [] : [summarizeProblems(report)]), ...further];
  return parts.length === 0 ? undefined : notReadCompletely(path, parts.join(', '));
}

/** @param what the missing parts, as a clause */
export function notReadCompletely(path: string, what: string): string {
  return `${path} was not read completely: ${what}`;
}

/**
 * Reports that logs were not read completely, as an error or, if that is allowed, as a warning.
 *
 * @param missing the sentence of {@link whatIsMissing}
 * @returns whether it is an error, for which the exit code is 2 whatever was found in the rest
 */
export function reportIncomplete(
  missing: string | undefined,
  { allowIncomplete = false }: IncompleteLogsOptions,
): boolean {
  if (missing === undefined) return false;
  if (allowIncomplete) {
    warn(`${missing}; the results cover only the rest`);
    return false;
  }
  const label = styleText('red', 'error:', { stream: process.stderr });
  console.error(
    `${label} ${visibleText(missing)}; the results cover only the rest (--allow-incomplete accepts that)`,
  );
  return true;
}
