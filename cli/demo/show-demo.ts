import { join, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { AlarmStateChange } from '../../local/alarms/alarm-evaluator.ts';
import { renderReport } from '../../local/demo/report/render-report.ts';
import type {
  DemoResult,
  MailResult,
  NotificationResult,
  TickResult,
} from '../../local/demo/result/demo-result.ts';
import type { FindingNotification } from '../../local/demo/run/live-through.ts';
import { type DemoObserver, type DemoOptions, runDemo } from '../../local/demo/run-demo.ts';
import { alarmLabels } from '../../local/demo/verdict/log-group-results.ts';
import { alarmMailResult, findingMail } from '../../local/demo/verdict/mail-results.ts';
import { visibleText, visibleTextUpTo } from '../../local/visible-text.ts';
import { severityLabel } from '../common/finding-list.ts';
import {
  type IncompleteLogsOptions,
  notReadCompletely,
  reportIncomplete,
} from '../common/log-options.ts';
import { makeDirectory, writeOutput } from '../common/output-files.ts';
import { startProgress, warn, warnOfProblems } from '../common/progress.ts';
import { demoSummary, inputLine, planLine, synthesisLine } from './demo-summary.ts';
import { writeMails } from './mail-files.ts';

/** Lines about the start of an outage, and about what the first tick after it reads. */
class OutageLines {
  #isOut = false;

  /** @returns the lines to print for a tick; none unless an outage begins or ends */
  take({ tickEpochMs, missed, reading }: TickResult): string[] {
    const wasOut = this.#isOut;
    this.#isOut = missed === true;
    if (this.#isOut && !wasOut) {
      return [line(tickEpochMs, 'red', 'OUTAGE', 'the monitor does not run')];
    }
    if (this.#isOut || !wasOut) return [];
    const spans = (reading?.spans ?? []).filter(({ lane }) => lane === 'scan');
    const read = spans.reduce((sum, span) => sum + span.endEpochMs - span.startEpochMs, 0);
    return [line(tickEpochMs, 'green', 'BACK', `reads ${read / 60_000} min of every log group`)];
  }
}

function line(epochMs: number, colour: 'red' | 'green', word: string, text: string): string {
  const time = new Date(epochMs).toISOString().slice(11, 19);
  return `${time}  ${styleText(colour, word.padStart(7), { stream: process.stdout })}  ${text}`;
}

/** The notification of a finding: its severity and title, and the subject of the mail. */
export function notifiedLines({ atEpochMs, subject, published }: FindingNotification): string[] {
  const time = new Date(atEpochMs).toISOString().slice(11, 19);
  const mail = styleText('gray', `mail  ${visibleTextUpTo(subject, 100)}`, {
    stream: process.stdout,
  });
  return [
    `${time}  ${severityLabel(published.severity)}  ${visibleTextUpTo(titleOf(published), 160)}`,
    `${' '.repeat(20)}${mail}`,
  ];
}

function titleOf(published: FindingNotification['published']): string {
  switch (published.kind) {
    case 'digest':
      return `${published.count} more finding${published.count === 1 ? '' : 's'}, in a digest`;
    case 'minimal':
      return `findings ${published.findings.map(({ id }) => id).join(', ')}, by id only`;
    default: {
      const isWorse = published.kind === 'update' ? 'worse than before: ' : '';
      return `${published.late ? 'late: ' : published.laterLook ? 'found later: ' : ''}${isWorse}${published.title}`;
    }
  }
}

interface Ringing {
  readonly change: AlarmStateChange;
  readonly notifications: readonly NotificationResult[];
}

const colours = { ALARM: 'red', OK: 'green', INSUFFICIENT_DATA: 'gray' } as const;

/** Collects state changes of alarms and prints each ALARM as a line, and other changes grouped. */
export class RingingLines {
  readonly #labels: ReadonlyMap<string, string>;
  readonly #labelWidth: number;
  #ringing: Ringing[] = [];

  constructor(alarms: readonly { readonly name: string }[]) {
    const names = alarms.map(({ name }) => name);
    const labels = alarmLabels(names);
    this.#labels = new Map(names.map((name, index) => [name, visibleText(labels[index] ?? name)]));
    this.#labelWidth = Math.max(0, ...labels.map((label) => label.length));
  }

  add(change: AlarmStateChange, notifications: readonly NotificationResult[]): void {
    this.#ringing.push({ change, notifications });
  }

  /** The lines for the changes since the last call, in the order of time. */
  take(): string[] {
    const ringing = this.#ringing;
    this.#ringing = [];
    const byTimeAndState = Map.groupBy(
      ringing,
      ({ change }) => `${change.epochMs} ${change.newState}`,
    );
    return [...byTimeAndState.values()].flatMap((group) =>
      group[0]?.change.newState === 'ALARM'
        ? group.flatMap((one) => this.#alarmLines(one))
        : [this.#togetherLine(group)],
    );
  }

  #alarmLines({ change, notifications }: Ringing): string[] {
    const label = this.#label(change).padEnd(this.#labelWidth);
    return [
      `${head(change)}  ${label}  ${visibleText(measured(change.reason))}`,
      ...notifications.map(
        ({ subject, atEpochMs }) => `${time(atEpochMs)}   notify  ${visibleText(subject)}`,
      ),
    ];
  }

  #togetherLine(group: readonly Ringing[]): string {
    const [first] = group;
    if (!first) return '';
    const labels = group.map(({ change }) => this.#label(change));
    const notified = group.flatMap(({ notifications }) => notifications).length;
    const shown = labels.length > 3 ? [...labels.slice(0, 2), `${labels.length - 2} more`] : labels;
    return `${head(first.change)}  ${shown.join(', ')}${notified > 0 ? ` (${notified} notified)` : ''}`;
  }

  #label({ alarm }: AlarmStateChange): string {
    return this.#labels.get(alarm.name) ?? visibleText(alarm.name);
  }
}

function head({ epochMs, newState }: AlarmStateChange): string {
  const state = newState === 'INSUFFICIENT_DATA' ? 'NO DATA' : newState;
  return `${time(epochMs)}  ${styleText(colours[newState], state.padStart(7), { stream: process.stdout })}`;
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

/** The values and their minutes from the text of `StateReason`: `16 at 05:53`. */
function measured(reason: string): string {
  const values = /\[(\d[^\]]*)\]/.exec(reason)?.[1] ?? reason.replace(/^Threshold Crossed: /, '');
  return values.replaceAll(/(\d+)\.0 \(\S+ (\d\d:\d\d):\d\d\)/g, '$1 at $2');
}

interface ShowDemoOptions extends DemoOptions, IncompleteLogsOptions {
  /** The directory for `report.html`, `result.json`, `monitor.log` and `mails/`. */
  readonly outputDirectory: string;
  /** Print only the result, as JSON. */
  readonly json: boolean;
}

/** Whether the logs agree with what the monitor published. `incomplete`: not all logs were read. */
export type DemoVerdict = 'agrees' | 'disagrees' | 'incomplete';

/** Runs the demo, prints events as they happen, and writes the report. */
export async function showDemo(options: ShowDemoOptions): Promise<DemoVerdict> {
  const outputDirectory = resolve(options.outputDirectory);
  await makeDirectory(outputDirectory, '--output');
  const write = (file: string, text: string) =>
    writeOutput(join(outputDirectory, file), text, '--output');
  const print = options.json ? () => {} : (line: string) => console.log(line);
  const monitorLog: string[] = [];
  const mails: MailResult[] = [];
  const startedMs = performance.now();
  let result: DemoResult;
  const { observer, stop } = watch(print, monitorLog, mails);
  try {
    result = await runDemo(options, observer);
  } finally {
    stop();
    await write('monitor.log', monitorLog.join(''));
    await writeMails(outputDirectory, mails);
  }
  const report = join(outputDirectory, 'report.html');
  await write('report.html', await renderReport(result));
  await write('result.json', `${JSON.stringify(result, null, 2)}\n`);
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
  mails: MailResult[],
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
    onSynthesis: (environment) => print(synthesisLine(environment)),
    onReady: (plan) => {
      ringing = new RingingLines(plan.alarms);
      print(`${planLine(plan)}\n`);
    },
    onStateChange: (change, notifications) => {
      mails.push(...notifications.map(alarmMailResult));
      ringing?.add(change, notifications);
    },
    onReading: (tick) => pending.unshift(...outage.take(tick)),
    onFinding: (notification) => {
      mails.push(findingMail(notification));
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
