import { styleText } from 'node:util';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import Table from 'cli-table3';
import { findAwsAccess } from '../../doctor/observe/aws-access.ts';
import { limitResponses } from '../../lambda/aws/call-aws.ts';
import { type Clock, systemClock, systemTimer, type Timer } from '../../lambda/common/time.ts';
import { visibleText, visibleTextUpTo } from '../../local/visible-text.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { interruptibleTimer, onSignals } from '../common/interruption.ts';
import { countOf, jsonText, UserError } from '../common/output.ts';
import { costUsd, prices, usdText } from '../common/prices.ts';
import { askYes } from '../common/terminal.ts';
import type { SelftestShell } from './call-logs.ts';
import { ingestedBytes, planEvents } from './planted-events.ts';
import type { Check, SelftestReport } from './report.ts';
import { ScratchGroups, scratchPrefix } from './scratch-groups.ts';
import { deleteCommands, newRunId, selftest } from './selftest.ts';

/**
 * An upper limit of the queries that scan all events, including the polls until all are visible.
 */
const queriesMax = 100;

interface Intended {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly detections: readonly Detection[];
  readonly keep: boolean;
}

/** What a run will do and cost, as shown before the confirmation. */
export function intention({ region, profile, detections, keep }: Intended): string {
  const { events } = planEvents(detections, 0);
  const bytes = events.reduce((sum, event) => sum + ingestedBytes(event), 0);
  const kilobytes = Math.ceil(bytes / 1000);
  const as = profile === undefined ? '' : `, as profile ${profile}`;
  const end = keep ? 'leave the groups (--keep; their events expire after a day)' : 'delete them';
  return [
    `selftest will, in ${region}${as}:`,
    `  create five log groups ${scratchPrefix}<id>-*, put ${events.length} events (${kilobytes} kB) into them,`,
    `  run some thirty queries over them, and ${end}.`,
    `It takes one to four minutes and costs ${usdText(selftestUsd(bytes))} at list prices (${prices.logsIngestedGb.usd} USD per GB put,`,
    `${prices.scannedGb.usd} USD per GB scanned). It changes nothing that it did not create.`,
  ].join('\n');
}

/** The maximum cost in US dollars. */
export function selftestUsd(bytes: number): number {
  return (
    costUsd(bytes, prices.logsIngestedGb.usd) + costUsd(queriesMax * bytes, prices.scannedGb.usd)
  );
}

const colours = {
  ok: 'green',
  note: 'yellow',
  differs: 'red',
  unknown: 'magenta',
} as const satisfies Record<Check['result'], string>;

const shownCharacters = 600;
const shownLines = 20;
const widthDefault = 120;

/** A self-test's report for a terminal: a table of the checks, then the details of differences. */
export function showSelftestReport(report: SelftestReport): string {
  return [
    checkTable(report),
    ...refusedLines(report),
    ...wrongLines(report),
    '',
    ...(report.kept ? [`These log groups remain: ${report.logGroups.join(', ')}`] : []),
    summary(report),
  ].join('\n');
}

function checkTable({ checks }: SelftestReport): string {
  const width = Math.max(80, process.stdout.columns ?? widthDefault);
  const first = Math.max(...checks.map(({ title }) => title.length)) + 2;
  const second = 'differs'.length + 2;
  const table = new Table({
    head: ['expected', 'result', 'observed'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colWidths: [first, second, Math.max(20, width - first - second - 4)],
    wordWrap: true,
  });
  table.push(
    ...checks.map(({ title, result, detail }) => [
      title,
      styleText(colours[result], result, { stream: process.stdout }),
      visibleTextUpTo(detail, shownCharacters),
    ]),
  );
  return table.toString();
}

/** A line for each refused detection, or only one if AWS refuses all for a common reason. */
function refusedLines({ refusedDetections, isPackRefused }: SelftestReport): string[] {
  return (isPackRefused ? refusedDetections.slice(0, 1) : refusedDetections).map(
    ({ id, message, excerpt }) =>
      `refused  ${isPackRefused ? `every detection, such as ${id}` : id}: ${visibleTextUpTo([message, ...(excerpt === undefined ? [] : [excerpt])].join('; '), shownCharacters)}`,
  );
}

function wrongLines({ verdicts: { wrong } }: SelftestReport): string[] {
  const shown = wrong
    .slice(0, shownLines)
    .map(
      ({ detection, line, logType, isEnded, expected, found }) =>
        `wrong  queries/${detection}.yaml ${line}${isEnded ? ' with a line feed' : ''} in ${logType}: should be ${expected}; found: ${found.join(', ') || 'none'}`,
    );
  const rest = wrong.length - shown.length;
  return rest > 0 ? [...shown, `… and ${countOf(rest, 'line')} more (--json has all)`] : shown;
}

function summary(report: SelftestReport): string {
  const { queries, bytesScanned, durationSeconds, checks, planted } = report;
  const cost = `${queries.toLocaleString('en')} queries over ${Math.ceil(bytesScanned / 1000)} kB in ${durationSeconds} s; ${countOf(planted.events, 'event')} visible after ${planted.visibleAfterSeconds} s`;
  const differing = checks.filter(({ result }) => result === 'differs').length;
  return differing === 0
    ? `AWS behaves as the monitor expects (${cost}).`
    : `${differing} of ${countOf(checks.length, 'check')} ${differing === 1 ? 'differs' : 'differ'} from what the monitor expects: see docs/selftest.md (${cost}).`;
}

interface ShowSelftestOptions {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly keep: boolean;
  /** Print only the report, as JSON, on the standard output. */
  readonly json: boolean;
  /** Do not ask for confirmation. */
  readonly yes: boolean;
}

/** The clock and the timer of a run. */
export interface SelftestTime {
  readonly clock: Clock;
  readonly timer: Timer;
}

const systemTime: SelftestTime = { clock: systemClock, timer: systemTimer };

/** The exit code of every command that could not be run. */
const exitCouldNotBeRun = 2;

/**
 * Runs the self-test in the credentials' account, and prints the report.
 *
 * @returns whether AWS behaves as the monitor expects
 * @throws UserError, ObserveError when it could not be completed, or log groups remain
 */
export async function showSelftest(
  options: ShowSelftestOptions,
  { clock, timer } = systemTime,
): Promise<boolean> {
  const { profile, keep, json, yes } = options;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes && !isTerminal) {
    throw new UserError(
      'selftest creates log groups and asks for confirmation, but there is no terminal: give --yes',
    );
  }
  const { region, credentials } = await findAwsAccess(options);
  const detections = loadDetections();
  console.error(intention({ region, profile, detections, keep }));
  if (!yes && !(await askYes('Continue?')))
    throw new UserError('the answer was not yes; nothing was created');

  const logs = new CloudWatchLogsClient({
    ...{ region, credentials },
    // One attempt: the calling code retries, as in the function.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, throwOnRequestTimeout: true },
  });
  limitResponses(logs);
  const stop = new AbortController();
  const shell: SelftestShell = {
    ...{ logs, random: Math.random, interrupted: stop.signal },
    timer: timer === systemTimer ? interruptibleTimer(stop.signal) : timer,
    log: () => undefined,
  };
  const scratch = new ScratchGroups(shell, newRunId());
  const forget = onSignals((_signal, presses) => {
    if (presses === 1) {
      stop.abort();
      console.error('interrupted; deleting the log groups, a second Ctrl+C ends at once');
      return;
    }
    const remain = scratch.remaining;
    if (remain.length > 0) {
      console.error(`these log groups remain:\n${deleteCommands(remain, { region, profile })}`);
    }
    process.exit(exitCouldNotBeRun);
  });
  try {
    const { report, failure } = await selftest(shell, {
      ...{ region, profile, scratch, detections, keep },
      ...{ clock, deletingTimer: timer },
      onStage: (stage) => console.error(`- ${visibleText(stage)}`),
    });
    if (report !== undefined) {
      console.log(json ? jsonText(report, 2) : showSelftestReport(report));
    }
    if (failure !== undefined) throw failure;
    return report?.result === 'ok';
  } finally {
    forget();
    logs.destroy();
  }
}
