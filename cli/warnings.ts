import { styleText } from 'node:util';
import { describeProblems, type ReadReport } from '../local/log-readers/read-report.ts';
import { visibleText } from '../local/visible-text.ts';

/** One line on the standard error stream. */
export function warn(text: string): void {
  const label = styleText('yellow', 'warning:', { stream: process.stderr });
  console.error(`${label} ${visibleText(text)}`);
}

/** Says what of some logs could not be used. */
export function warnOfProblems(report: ReadReport): void {
  for (const line of describeProblems(report)) warn(line);
}
