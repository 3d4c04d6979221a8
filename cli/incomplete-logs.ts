import { styleText } from 'node:util';
import { type ReadReport, summarizeProblems } from '../local/log-readers/read-report.ts';
import { visibleText } from '../local/visible-text.ts';
import { warn } from './warnings.ts';

/** What the user wants done about logs of which not everything can be read. */
export interface IncompleteLogsOptions {
  /** @default false */
  readonly allowIncomplete?: boolean;
}

/** What is missing of logs that were read, as one sentence; undefined when nothing is. */
export function whatIsMissing(
  path: string,
  report: ReadReport,
  further: readonly string[] = [],
): string | undefined {
  const parts = [...(report.isComplete ? [] : [summarizeProblems(report)]), ...further];
  return parts.length === 0 ? undefined : notReadCompletely(path, parts.join(', '));
}

/** @param what what is missing, as a clause */
export function notReadCompletely(path: string, what: string): string {
  return `${path} was not read completely: ${what}`;
}

/**
 * The last word on logs of which not everything was read: an error, or a warning where that is allowed.
 *
 * @param missing what is missing, as {@link whatIsMissing} says it
 * @returns whether it is an error: the exit code is 2 then, whatever was found in the rest
 */
export function tellIncomplete(
  missing: string | undefined,
  { allowIncomplete = false }: IncompleteLogsOptions,
): boolean {
  if (missing === undefined) return false;
  if (allowIncomplete) {
    warn(`${missing}; the results are those of the rest`);
    return false;
  }
  const label = styleText('red', 'error:', { stream: process.stderr });
  console.error(
    `${label} ${visibleText(missing)}; the results are those of the rest (--allow-incomplete takes them for good)`,
  );
  return true;
}
