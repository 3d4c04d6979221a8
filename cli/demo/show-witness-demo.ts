import { join, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { FindingNotification } from '../../local/demo/run/live-through.ts';
import type { synthesize } from '../../local/demo/run-demo.ts';
import { findingMail } from '../../local/demo/verdict/mail-results.ts';
import {
  runWitnessDemo,
  type WitnessDemoObserver,
  type WitnessDemoResult,
} from '../../local/demo/witness/run-witness-demo.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from '../common/output.ts';
import { makeDirectory, writeOutput } from '../common/output-files.ts';
import { startProgress } from '../common/progress.ts';
import { writeMails } from './mail-files.ts';
import { notifiedLines, RingingLines } from './show-demo.ts';

interface ShowWitnessDemoOptions {
  /** The directory for `result.json`, `monitor.log` and `mails/`. */
  readonly outputDirectory: string;
  /** Print only the result, as JSON. */
  readonly json: boolean;
  readonly synthesize?: typeof synthesize;
}

/** Runs the demo of the second witness and prints what it finds. @returns whether all is as it should be */
export async function showWitnessDemo(options: ShowWitnessDemoOptions): Promise<boolean> {
  const outputDirectory = resolve(options.outputDirectory);
  await makeDirectory(outputDirectory, '--output');
  const print = options.json ? () => {} : (line: string) => console.log(line);
  const log: string[] = [];
  const mails: FindingNotification[] = [];
  const startedMs = performance.now();
  const { observer, stop } = watch(print, log, mails);
  let result: WitnessDemoResult;
  try {
    print('Synthesizing the stacks of a monitor with a second witness …');
    result = await runWitnessDemo(options, observer);
  } finally {
    stop();
    const write = (file: string, text: string) =>
      writeOutput(join(outputDirectory, file), text, '--output');
    await write('monitor.log', log.join(''));
    await writeMails(outputDirectory, mails.map(findingMail));
  }
  const text = JSON.stringify(result, null, 2);
  await writeOutput(join(outputDirectory, 'result.json'), `${text}\n`, '--output');
  if (options.json) console.log(text);
  const seconds = (performance.now() - startedMs) / 1000;
  print(summary(result, relative(process.cwd(), outputDirectory) || '.', seconds));
  return result.disagreements.length === 0;
}

function watch(print: (line: string) => void, log: string[], mails: FindingNotification[]) {
  const progress = startProgress('replaying', 'ticks');
  const pending: string[] = [];
  let ringing: RingingLines | undefined;
  const observer: WitnessDemoObserver = {
    onReady: ({ events, ticks, everyMinutes, alarms }) => {
      ringing = new RingingLines(alarms);
      print(
        `${countOf(events, 'log event')} of a recorded Apache Airflow 2.10.3, ${countOf(ticks, 'tick')} of ${everyMinutes} min; the second witness asks every 5 min.\n`,
      );
    },
    onStateChange: (change, notifications) => ringing?.add(change, notifications),
    onFinding: (notification) => {
      mails.push(notification);
      pending.push(...notifiedLines(notification));
    },
    onTick: (done, total) => {
      const lines = [...pending.splice(0), ...(ringing?.take() ?? [])];
      if (lines.length > 0) progress.stop();
      for (const line of lines) print(line);
      progress.update(done, total);
    },
    onLogLine: (line) => log.push(`${line}\n`),
  };
  return { observer, stop: () => progress.stop() };
}

function summary(result: WitnessDemoResult, folder: string, seconds: number): string {
  const table = new Table({
    head: ['what was done', 'who', 'role', 'logs', 'audit log', 'users and roles', 'finding'],
    style: { head: [], border: [], compact: true },
  });
  const mark = (sees: boolean) => (sees ? 'yes' : '–');
  for (const { change, seen, findings } of result.changes) {
    table.push([
      ...[change.what, change.object, change.role].map(visibleText),
      ...[seen.logs, seen.auditLog, seen.snapshot].map(mark),
      findings.map(({ severity }) => severity).join(', ') || '–',
    ]);
  }
  const hidden = result.changes.filter(({ seen }) => !seen.logs);
  const verdict =
    result.disagreements.length === 0
      ? paint(
          'green',
          `${countOf(result.changes.length, 'change')}, each told once. Of ${hidden.length} no log line tells; the second witness found them.`,
        )
      : [
          paint('red', 'These do not agree:'),
          ...result.disagreements.map((line) => `  ${visibleText(line)}`),
        ].join('\n');
  return `
${table.toString()}

${verdict}
Mails: ${join(folder, 'mails')} (${seconds.toFixed(1)} s)`;
}

function paint(colour: 'green' | 'red', text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
