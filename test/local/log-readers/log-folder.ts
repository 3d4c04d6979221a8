import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import type { ReadReport } from '../../../local/log-readers/report/read-report.ts';
import { collect } from './collect.ts';

/** A temporary folder for the log files of one test. */
export class LogFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'logs-'));

  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Everything that is read from a path, and the report on it. */
export async function readAll(
  path: string,
  options: Parameters<typeof readLogs>[1] = {},
): Promise<{ readonly events: readonly LogEvent[]; readonly report: ReadReport }> {
  const reading = readLogs(path, options);
  return { events: await collect(reading), report: reading.report };
}
