import { styleText } from 'node:util';
import type { SingleBar } from 'cli-progress';
import {
  askForLogType,
  describeProblems,
  type ReadReport,
} from '../../local/log-readers/report/read-report.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from './output.ts';
import { progressText } from './progress-text.ts';

/** Shorter work does not need a bar. */
const quietMs = 1000;

interface Progress {
  /** @param note text after the numbers; the estimated time left if there is none */
  update(done: number, total: number, note?: string): void;
  /** Removes the bar until the next update, since nothing can be printed while it is shown. */
  stop(): void;
}

/**
 * A progress bar on the standard error stream, for work that takes longer than a second; does
 * nothing if that is not a terminal.
 *
 * @param unit what is counted, such as `ticks`; `bytes` are shown in larger units, with the rate
 */
export function startProgress(label: string, unit: string): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const startedMs = performance.now();
  let bar: SingleBar | undefined;
  // Shorter work does not wait for code that it does not need.
  let Bar: typeof SingleBar | undefined;
  import('cli-progress').then((library) => {
    Bar = library.SingleBar;
  }, warnOfFailure);
  return {
    update(done, total, note = '') {
      const elapsedMs = performance.now() - startedMs;
      if (Bar === undefined || (!bar && elapsedMs <= quietMs)) return;
      const text = progressText({ done, total, unit, elapsedSeconds: elapsedMs / 1000, note });
      if (!bar) {
        bar = new Bar({
          format: `${label} ${styleText('cyan', '{bar}', { stream: process.stderr })} {text}`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
          barsize: 30,
        });
        bar.start(total, done, { text });
      }
      bar.setTotal(total);
      bar.update(done, { text });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function warnOfFailure(error: unknown): void {
  warn(`there is no progress bar: ${error instanceof Error ? error.message : error}`);
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
