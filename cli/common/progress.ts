import { styleText } from 'node:util';
import { SingleBar } from 'cli-progress';
import {
  askForLogType,
  describeProblems,
  type ReadReport,
} from '../../local/log-readers/report/read-report.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from './output.ts';

/** Shorter work does not need a bar. */
const quietMs = 1000;

interface Progress {
  /** @param note text after the numbers, such as the time left */
  update(done: number, total: number, note?: string): void;
  /** Removes the bar until the next update, since nothing can be printed while it is shown. */
  stop(): void;
}

/**
 * A progress bar on the standard error stream, for work that takes longer than a second; does
 * nothing if that is not a terminal.
 *
 * @param unit what is counted, such as `ticks`
 */
export function startProgress(label: string, unit: string): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const startedMs = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total, note = '') {
      if (!bar && performance.now() - startedMs > quietMs) {
        bar = new SingleBar({
          format: `${label} ${styleText('cyan', '{bar}', { stream: process.stderr })} {value}/{total} ${unit}  {note}`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
          barsize: 30,
        });
        bar.start(total, done, { note });
      }
      bar?.setTotal(total);
      bar?.update(done, { note });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

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
