import { existsSync, statSync } from 'node:fs';
import { scanPlan } from '../infra/scan-plan.ts';
import { readApprovals } from '../infra/written-approval.ts';
import { severityRank } from '../lambda/findings/change.ts';
import { defaultCorrelateSeconds } from '../lambda/findings/correlation-state.ts';
import type { Severity } from '../lambda/findings/finding.ts';
import type { LogType } from '../lambda/log-types.ts';
import type { ScanPlan } from '../lambda/scan-plan.ts';
import { localPlace } from '../local/aws-endpoints/aws-place.ts';
import { sessionGroups } from '../local/demo/session.ts';
import { logGroupsOfNoType } from '../local/log-readers/read-report.ts';
import { defaultSliceMs } from '../local/replay/cut-windows.ts';
import { type Replayed, replayLogs } from '../local/replay/replay-logs.ts';
import { InputError } from '../queries/checked-yaml.ts';
import {
  documentedDetection,
  documentedDetectionId,
  loadDetections,
} from '../queries/load-detections.ts';
import { countOf } from './count-of.ts';
import { bySeverity, findingLines, tellApproved } from './finding-list.ts';
import { type IncompleteLogsOptions, tellIncomplete, whatIsMissing } from './incomplete-logs.ts';
import { jsonText } from './json-text.ts';
import { openLogs } from './open-logs.ts';
import { startProgress } from './progress.ts';
import { timeRange } from './time-range.ts';
import { UserError } from './user-error.ts';
import { warn } from './warnings.ts';

export interface ShowReplayOptions extends IncompleteLogsOptions {
  readonly logs: string;
  readonly environment?: string;
  readonly logType?: LogType;
  readonly from?: number;
  readonly to?: number;
  /** Milliseconds of log time that are read at once. @default - see defaultSliceMs */
  readonly slice?: number;
  /** Folder of detection files. @default - the project's */
  readonly detections?: string;
  readonly alertAt: Severity;
  /** An environment's file, whose approved changes are told apart. @default - nothing is approved */
  readonly approvals?: string;
  /** Which Airflow wrote the logs, such as 2.10.3. @default - what the lines tell */
  readonly airflow?: string;
  /** Of the environment whose logs they are: for the JSON and for links. @default - not known */
  readonly account?: string;
  readonly region?: string;
  /** Print findings as NDJSON and nothing else. */
  readonly json: boolean;
}

/** Stands for an account and Region that nobody gave. */
const unknown = 'unknown';

/** `alerting`: there is a finding at `alertAt` or above. `incomplete`: not everything was read. */
export type ReplayResult = 'quiet' | 'alerting' | 'incomplete';

/**
 * Runs the detections over logs and prints what they find, also where not everything could be read.
 */
export async function showReplay(options: ShowReplayOptions): Promise<ReplayResult> {
  const startedMs = performance.now();
  // What is wrong with a detection is said before logs are read, which may take minutes.
  const plan = planOf(options);
  const { airflow: airflowVersion, account = unknown, region = unknown } = options;
  const linkRegion = options.region ?? localPlace.region;
  const logs = await openLogs({ ...options, path: options.logs });
  const { engine } = logs;
  const progress = startProgress('replaying', 'slices');
  try {
    const groups = sessionGroups((await engine.logGroups()).map(({ logGroup }) => logGroup));
    const { mwaaEnvironment, ignored } = groups;
    const unjudged = ignored.map((logGroup) => `${logGroup} is no log group of MWAA: not replayed`);
    for (const sentence of unjudged) warn(sentence);
    const { startEpochSeconds, endEpochSeconds } = timeRange(options, logs);
    const range = {
      startEpochMs: startEpochSeconds * 1000,
      endEpochMs: (endEpochSeconds + 1) * 1000,
    };
    const replayed = await replayLogs(
      engine,
      {
        plan,
        settings: { environment: mwaaEnvironment, correlateSeconds: defaultCorrelateSeconds },
        ...{ approvedChanges: plan.approvedChanges, airflowVersion, region: linkRegion },
        logGroups: groups.logGroups.map(({ logGroup }) => logGroup),
        ...(groups.unknownTypeGroup !== undefined && { unknownTypeGroup: groups.unknownTypeGroup }),
        range,
        sliceMs: options.slice ?? defaultSliceMs(range),
        nowEpochMs: logs.nowEpochMs(),
      },
      (done, total) => progress.update(done, total),
    );
    progress.stop();
    const unread = [...cutOffIn(replayed), ...unreadableIn(replayed)];
    for (const sentence of unread) warn(sentence);
    const missing = whatIsMissing(options.logs, logs.report, [
      ...logGroupsOfNoType(ignored),
      ...(unread.length === 0 ? [] : ['matching events that could not be read']),
    ]);
    for (const finding of replayed.findings) {
      console.log(
        options.json ? jsonText({ ...finding, account, region }) : findingLines(finding).join('\n'),
      );
    }
    tellApproved(replayed.approved);
    const seconds = (performance.now() - startedMs) / 1000;
    const { events } = logs.report;
    console.error(
      summaryLine(replayed, {
        mwaaEnvironment,
        events,
        seconds,
        isComplete: missing === undefined,
      }),
    );
    if (tellIncomplete(missing, options)) return 'incomplete';
    const isAlerting = replayed.findings.some(
      ({ severity }) => severityRank(severity) >= severityRank(options.alertAt),
    );
    return isAlerting ? 'alerting' : 'quiet';
  } finally {
    progress.stop();
    engine.close();
  }
}

function planOf({
  detections: folder,
  approvals,
}: Pick<ShowReplayOptions, 'detections' | 'approvals'>): ScanPlan {
  if (folder !== undefined && !existsSync(folder)) {
    throw new UserError(`--detections ${folder}: there is no such directory`);
  }
  try {
    const approvedChanges = approvals === undefined ? [] : [...approvalsOf(approvals)];
    const all = { detections: { disable: [] }, approvedChanges };
    if (folder === undefined) return scanPlan(loadDetections(), all);
    const own = loadDetections(folder).filter(({ id }) => id !== documentedDetectionId);
    if (own.length === 0) throw new UserError(`--detections ${folder}: holds no detection files`);
    // A folder of one's own need not hold the query that is the same for everybody.
    return scanPlan([documentedDetection(loadDetections()), ...own], all);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}

function approvalsOf(path: string) {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(`--approvals ${path}: there is no such file`);
  }
  try {
    return readApprovals(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Behind the first line stand lines to copy.
    const [problem = '', ...lines] = error.message.split('\n');
    throw new UserError(problem, { cause: error, detail: lines.join('\n') });
  }
}

function cutOffIn({ cutOff }: Replayed): string[] {
  return cutOff.map(({ logGroups, window }) => {
    const second = new Date(window.startEpochMs).toISOString().slice(0, 19);
    return `${logGroups.join(', ')}: only a part of the matching events of the second ${second} could be read`;
  });
}

function unreadableIn({ unreadable }: Replayed): string[] {
  return unreadable.map(
    ({ logGroup = 'an unknown log group', count, problem }) =>
      `${count} result rows of ${logGroup} could not be read: the first ${problem}`,
  );
}

function summaryLine(
  { findings, matchedEvents, bytesScanned }: Replayed,
  about: {
    readonly mwaaEnvironment: string;
    readonly events: number;
    readonly seconds: number;
    readonly isComplete: boolean;
  },
): string {
  const number = (value: number) => value.toLocaleString('en');
  return [
    `${countOf(findings.length, 'finding')}${bySeverity(findings)}`,
    `in ${number(about.events)} log events${about.isComplete ? '' : ', all that could be read,'} of MWAA environment ${about.mwaaEnvironment},`,
    `of which ${number(matchedEvents)} say something about privileges; ${number(bytesScanned)} bytes scanned`,
    `(${about.seconds.toFixed(1)} s)`,
  ].join(' ');
}
