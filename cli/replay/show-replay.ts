import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultCorrelateSeconds } from '../../lambda/model/correlation-state.ts';
import { type Severity, severityRank } from '../../lambda/model/severity.ts';
import { detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { localPlace } from '../../local/aws-place.ts';
import type { PreparedLiterals } from '../../local/candidates/prepared-literals.ts';
import { sessionGroups } from '../../local/demo/session/session.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import { logGroupsOfNoType } from '../../local/log-readers/report/read-report.ts';
import { MatchedEvents } from '../../local/replay/matched-events.ts';
import { findingsOf, type ReplayedFiles } from '../../local/replay/replay-files.ts';
import { shownCount } from '../../local/shown-count.ts';
import { visibleText } from '../../local/visible-text.ts';
import { bySeverity, printApproved, printedFindings } from '../common/finding-list.ts';
import {
  type IncompleteLogsOptions,
  type LogsOfRangeOptions,
  readingOf,
  reportIncomplete,
  whatIsMissing,
} from '../common/log-options.ts';
import { countOf, UserError } from '../common/output.ts';
import { checkWritable, writeOutput } from '../common/output-files.ts';
import type { OutputFormat } from '../common/output-format.ts';
import { warn } from '../common/progress.ts';
import { afterTheLogs, timeRange } from '../common/time-options.ts';
import { judgedLogs, keptInput } from './judged-logs.ts';
import { projectPlan } from './project-plan.ts';

export interface ShowReplayOptions extends IncompleteLogsOptions, LogsOfRangeOptions {
  /** The folder of detection files. @default - the project's */
  readonly detections?: string;
  readonly alertAt: Severity;
  /** An environment's file, whose approved changes are listed separately. @default - none */
  readonly approvals?: string;
  /**
   * The Airflow version that wrote the logs, such as 2.10.3. @default - as far as the lines show it
   */
  readonly airflow?: string;
  /** The account and Region of the environment, for the JSON and links. @default - unknown */
  readonly account?: string;
  readonly region?: string;
  /** The file to write the findings to as an HTML page. @default - none */
  readonly report?: string;
  readonly format: OutputFormat;
  /** Print only the mail about the finding whose id is or begins with this. @default - the findings */
  readonly mail?: string;
}

/** The account and Region in the JSON when they are not given. */
const unknown = 'unknown';

/** `alerting`: there is a finding at `alertAt` or above. `incomplete`: not everything was read. */
export type ReplayResult = 'quiet' | 'alerting' | 'incomplete';

/**
 * Runs the detections over logs and prints the findings, even if not all logs could be read.
 */
export async function showReplay(options: ShowReplayOptions): Promise<ReplayResult> {
  const startedSeconds = process.uptime();
  // Reports errors in detections before reading the logs, which may take minutes.
  const { plan, literals } = await planOf(options);
  if (options.report !== undefined) {
    if (resolve(options.report) === resolve(options.logs)) {
      throw new UserError(`--report ${options.report}: must not be the file of --logs`);
    }
    await checkWritable(options.report, '--report');
  }
  const { airflow: airflowVersion, account = unknown, region = unknown } = options;
  const linkRegion = options.region ?? localPlace.region;
  const input = await keptInput(options);
  try {
    const matched = new MatchedEvents({ detections: detectionsById(plan), airflowVersion });
    const logs = await judgedLogs({ ...options, ...input }, { ...plan, literals }, matched);
    const groups = sessionGroups(logs.logGroups);
    const { mwaaEnvironment, ignored } = groups;
    for (const logGroup of ignored) warn(`${logGroup} is not an MWAA log group: not replayed`);
    const { startEpochSeconds, endEpochSeconds } = timeRange(options, logs);
    const range = {
      startEpochMs: startEpochSeconds * 1000,
      endEpochMs: (endEpochSeconds + 1) * 1000,
    };
    const replayed = findingsOf(matched, {
      plan,
      settings: { environment: mwaaEnvironment, correlateSeconds: defaultCorrelateSeconds },
      ...{ approvedChanges: plan.approvedChanges, region: linkRegion, range },
      // Events that are ahead of this machine's clock count, too.
      nowEpochMs: Math.max(Date.now(), logs.lastEventEpochMs, logs.lastIngestionEpochMs),
    });
    const late = afterTheLogs(options, logs);
    if (late !== undefined) warn(late);
    const unread = unreadableIn(replayed);
    for (const sentence of unread) warn(sentence);
    const missing = whatIsMissing(options.logs, logs.report, [
      ...logGroupsOfNoType(ignored),
      ...(unread.length === 0 ? [] : ['matching events that could not be read']),
    ]);
    if (options.mail !== undefined) {
      const { findingWithId, mailAbout, runbookBaseUrl } = await import('./show-mail.ts');
      const finding = findingWithId([...replayed.findings, ...replayed.approved], options.mail);
      const sender = {
        ...{ environment: mwaaEnvironment, account, region },
        ...(airflowVersion !== undefined && { airflow: { version: airflowVersion } }),
        runbookBaseUrl: runbookBaseUrl(),
      };
      const { inputFile } = input;
      const events = readLogs(options.logs, {
        ...readingOf(options),
        ...(inputFile !== undefined && { inputFile }),
      });
      console.log((await mailAbout(finding, sender, events)).trimEnd());
      return reportIncomplete(missing, options) ? 'incomplete' : 'quiet';
    }
    const placed = replayed.findings.map((finding) => ({ ...finding, account, region }));
    for (const line of printedFindings(placed, options.format)) console.log(line);
    printApproved(replayed.approved);
    if (options.report !== undefined) {
      const { unknownTypeGroup } = groups;
      const logGroups = [
        ...groups.logGroups.map(({ logGroup }) => logGroup),
        ...(unknownTypeGroup === undefined ? [] : [unknownTypeGroup]),
      ];
      const { replayReport } = await import('./replay-report.ts');
      const html = await replayReport({
        ...{ source: options.logs, mwaaEnvironment, range, replayed },
        counted: logs.counts.within(range, logGroups),
        ...(missing !== undefined && { incomplete: missing }),
      });
      await writeOutput(options.report, html, '--report');
      console.error(`Report: ${visibleText(options.report)}`);
    }
    const seconds = process.uptime() - startedSeconds;
    const { events } = logs.report;
    console.error(
      summaryLine(replayed, {
        ...{ mwaaEnvironment, events, seconds, bytesRead: logs.bytesRead },
        isComplete: missing === undefined,
      }),
    );
    if (reportIncomplete(missing, options)) return 'incomplete';
    const isAlerting = replayed.findings.some(
      ({ severity }) => severityRank(severity) >= severityRank(options.alertAt),
    );
    return isAlerting ? 'alerting' : 'quiet';
  } finally {
    await input.remove?.();
  }
}

interface PlanToReplay {
  readonly plan: ScanPlan;
  /** @default - what to search for is learnt from the logs */
  readonly literals?: PreparedLiterals;
}

async function planOf({
  detections: folder,
  approvals,
}: Pick<ShowReplayOptions, 'detections' | 'approvals'>): Promise<PlanToReplay> {
  if (folder !== undefined && !existsSync(folder)) {
    throw new UserError(`--detections ${folder}: there is no such directory`);
  }
  const approvedChanges = approvals === undefined ? [] : [...(await approvalsOf(approvals))];
  if (folder === undefined) {
    const { plan, literals } = await projectPlan();
    return { plan: { ...plan, approvedChanges }, literals };
  }
  const { scanPlan } = await import('../../infra/function/scan-plan.ts');
  const { documentedDetection, documentedDetectionId, loadDetections } = await import(
    '../../queries/tools/load-detections.ts'
  );
  const own = loadDetections(folder).filter(({ id }) => id !== documentedDetectionId);
  if (own.length === 0) throw new UserError(`--detections ${folder}: has no detection files`);
  // A user's folder need not contain the documented query, which is the same for everybody.
  const detections = [documentedDetection(loadDetections()), ...own];
  return { plan: scanPlan(detections, { detections: { disable: [] }, approvedChanges }) };
}

async function approvalsOf(path: string) {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(`--approvals ${path}: there is no such file`);
  }
  const { readApprovals } = await import('../../infra/config/written-approval.ts');
  const { InputError } = await import('../../queries/tools/checked-yaml.ts');
  try {
    return readApprovals(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The lines after the first are text to copy.
    const [problem = '', ...lines] = error.message.split('\n');
    throw new UserError(problem, { cause: error, detail: lines.join('\n') });
  }
}

function unreadableIn({ unreadable }: ReplayedFiles): string[] {
  return unreadable.map(
    ({ logGroup = 'an unknown log group', count, problem }) =>
      `${countOf(count, 'event')} of ${logGroup} could not be read: the first ${problem}`,
  );
}

function summaryLine(
  { findings, matchedEvents }: ReplayedFiles,
  about: {
    readonly mwaaEnvironment: string;
    readonly events: number;
    readonly seconds: number;
    readonly bytesRead: number;
    readonly isComplete: boolean;
  },
): string {
  const number = (value: number) => shownCount(value);
  return [
    `${countOf(findings.length, 'finding')}${bySeverity(findings)}`,
    `in ${countOf(about.events, 'log event')}${about.isComplete ? '' : ' that could be read'} of MWAA environment ${about.mwaaEnvironment},`,
    `${number(matchedEvents)} of which ${matchedEvents === 1 ? 'is' : 'are'} about privileges; ${number(about.bytesRead)} bytes read`,
    `(${about.seconds.toFixed(1)} s)`,
  ].join(' ');
}
