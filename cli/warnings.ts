import { styleText } from 'node:util';
import { describeProblems, type ReadReport } from '../local/log-readers/read-report.ts';
import { askForLogType } from '../local/log-readers/unknown-log-type.ts';
import { visibleText } from '../local/visible-text.ts';
import { countOf } from './count-of.ts';

/** One line on the standard error stream. */
export function warn(text: string): void {
  const label = styleText('yellow', 'warning:', { stream: process.stderr });
  console.error(`${label} ${visibleText(text)}`);
}

/** Says what of some logs could not be used, and of which nobody knows what they are. */
export function warnOfProblems(report: ReadReport): void {
  for (const line of describeProblems(report)) warn(line);
  const [first, ...others] = report.unknownTypes;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and of ${countOf(others.length, 'other file')}`;
  warn(
    `the log type of ${first}${more} is not known from the path: the lines are in a log group named -Unknown, and replay takes them for those of any type; ${askForLogType}`,
  );
}
