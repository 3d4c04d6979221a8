import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { renderReport } from '../../local/demo/report/render-report.ts';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import type { FindingNotification } from '../../local/demo/run/finding-notifications.ts';
import { type DemoObserver, type DemoOptions, runDemo } from '../../local/demo/run-demo.ts';
import {
  type IncompleteLogsOptions,
  notReadCompletely,
  reportIncomplete,
} from '../shared/incomplete-logs.ts';
import { startProgress } from '../shared/progress.ts';
import { UserError } from '../shared/user-error.ts';
import { warn, warnOfProblems } from '../shared/warnings.ts';
import { demoSummary, inputLine, planLine } from './demo-summary.ts';
import { notifiedLines } from './notified-lines.ts';
import { OutageLines } from './outage-lines.ts';
import { RingingLines } from './ringing-lines.ts';

export interface ShowDemoOptions extends DemoOptions, IncompleteLogsOptions {
  /** The directory for `report.html`, `result.json`, `mails.txt` and `monitor.log`. */
  readonly outputDirectory: string;
  /** Print only the result, as JSON. */
  readonly json: boolean;
}

/** Whether the logs agree with what the monitor published. `incomplete`: not all logs were read. */
export type DemoVerdict = 'agrees' | 'disagrees' | 'incomplete';

/** Runs the demo, prints events as they happen, and writes the report. */
export async function showDemo(options: ShowDemoOptions): Promise<DemoVerdict> {
  const outputDirectory = resolve(options.outputDirectory);
  await makeDirectory(outputDirectory);
  const print = options.json ? () => {} : (line: string) => console.log(line);
  const monitorLog: string[] = [];
  const mails: FindingNotification[] = [];
  const startedMs = performance.now();
  let result: DemoResult;
  const { observer, stop } = watch(print, monitorLog, mails);
  try {
    result = await runDemo(options, observer);
  } finally {
    stop();
    await writeFile(join(outputDirectory, 'monitor.log'), monitorLog.join(''));
    await writeFile(join(outputDirectory, 'mails.txt'), mails.map(mailAsText).join(''));
  }
  const report = join(outputDirectory, 'report.html');
  await writeFile(report, await renderReport(result));
  await writeFile(join(outputDirectory, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  const seconds = (performance.now() - startedMs) / 1000;
  print(demoSummary(result, relative(process.cwd(), report) || report, seconds));
  const missing = result.incomplete && notReadCompletely(options.logs, result.incomplete);
  if (reportIncomplete(missing, options)) return 'incomplete';
  return result.disagreements.length === 0 ? 'agrees' : 'disagrees';
}

function watch(
  print: (line: string) => void,
  monitorLog: string[],
  mails: FindingNotification[],
): { observer: DemoObserver; stop: () => void } {
  const reading = startProgress('reading logs', 'bytes');
  const ticking = startProgress('replaying', 'ticks');
  const pending: string[] = [];
  const outage = new OutageLines();
  let ringing: RingingLines | undefined;
  const observer: DemoObserver = {
    onReadProgress: ({ bytesRead, totalBytes }) => reading.update(bytesRead, totalBytes),
    onLoaded: (session) => {
      reading.stop();
      warnOfProblems(session.report);
      for (const logGroup of session.ignored)
        warn(`${logGroup} is not an MWAA log group: not replayed`);
      print(inputLine(session));
    },
    onReady: (plan) => {
      ringing = new RingingLines(plan.alarms);
      print(`${planLine(plan)}\n`);
    },
    onStateChange: (change, notifications) => ringing?.add(change, notifications),
    onReading: (tick) => pending.unshift(...outage.take(tick)),
    onFinding: (notification) => {
      mails.push(notification);
      pending.push(...notifiedLines(notification));
    },
    onTick: (done, total) => {
      for (const line of pending.splice(0)) print(line);
      const lines = ringing?.take() ?? [];
      if (lines.length > 0) ticking.stop();
      for (const line of lines) print(line);
      ticking.update(done, total);
    },
    onLogLine: (line) => monitorLog.push(`${line}\n`),
  };
  return {
    observer,
    stop: () => {
      reading.stop();
      ticking.stop();
    },
  };
}

/** A mail about findings as people receive it, without SNS's footer about the subscription. */
function mailAsText({ atEpochMs, subject, email }: FindingNotification): string {
  const date = new Date(atEpochMs).toISOString();
  return `${'='.repeat(80)}\nDate:    ${date}\nSubject: ${subject}\n\n${email}\n`;
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw new UserError(`--output ${directory} cannot be created: ${(cause as Error).message}`, {
      cause,
    });
  }
}
