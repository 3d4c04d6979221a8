import { styleText } from 'node:util';
import { SingleBar } from 'cli-progress';

/** Shorter work does not need a bar. */
const quietMs = 1000;

export interface Progress {
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
