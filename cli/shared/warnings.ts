import { styleText } from 'node:util';
import {
  describeProblems,
  type ReadReport,
} from '../../local/log-readers/report/problem-report.ts';
import { askForLogType } from '../../local/log-readers/report/unknown-log-type.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from './count-of.ts';

/** Prints a warning as one line on the standard error stream. */
export function warn(text: string): void {
  const label = styleText('yellow', 'warning:', { stream: process.stderr });
  console.error(`${label} ${visibleText(text)}`);
}

/** Warns about the parts of logs that could not be used, and about files of unknown log type. */
export function warnOfProblems(report: ReadReport): void {
  for (const line of describeProblems(report)) warn(line);
  const [first, ...others] = report.unknownTypes;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and of ${countOf(others.length, 'other file')}`;
  warn(
    `the log type of ${first}${more} cannot be determined from the path: the lines are in a log group named -Unknown, and replay treats them as lines of any type; ${askForLogType}`,
  );
}
