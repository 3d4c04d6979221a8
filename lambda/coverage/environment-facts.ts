import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod/mini';
import { type CallShell, callAws, isPassingFailure } from '../aws/call-aws.ts';
import { getFromMwaa, type MwaaAccess } from '../aws/mwaa-request.ts';
import { describeError } from '../common/log.ts';
import { parseInput } from '../common/parse-input.ts';
import type { Deadline } from '../common/time.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import type { EnvironmentLogging, ExistingLogGroups, LogGroupFacts } from '../model/coverage.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';

const lostAnswersMax = 3;

/**
 * Which of an environment's five log groups exist, when they were created, their retention and key.
 *
 * They are listed by prefix and then compared with the exact names: `airflow-prod-` also finds the
 * groups of an environment `prod-2`. An error gives the answer `unknown`, since a monitor that may
 * not list log groups still scans.
 */
export async function describeLogGroups(
  shell: CallShell & { readonly logs: CloudWatchLogsClient },
  mwaaEnvironment: string,
  deadline: Deadline,
): Promise<ExistingLogGroups> {
  const wanted = new Set(logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)));
  const logGroups = new Map<string, LogGroupFacts>();
  const logGroupNamePrefix = `airflow-${mwaaEnvironment}-`;
  let nextToken: string | undefined;
  try {
    do {
      const command = new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken });
      const page = await callAws(
        'DescribeLogGroups',
        (options) => shell.logs.send(command, options),
        shell,
        deadline,
        lostAnswersMax,
      );
      for (const { logGroupName: name, ...group } of page.logGroups ?? []) {
        if (name === undefined || !wanted.has(name)) continue;
        logGroups.set(name, {
          createdEpochMs: group.creationTime,
          retentionDays: group.retentionInDays,
          kmsKeyId: group.kmsKeyId,
        });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined && logGroups.size < wanted.size);
  } catch (error) {
    const reason = `DescribeLogGroups failed: ${describeError(error)}`;
    shell.log('error', 'log-groups-unknown', { reason });
    return { kind: 'unknown', reason, isPassing: isPassingFailure(error) };
  }
  return { kind: 'known', logGroups };
}

const logTypeSchema = z.nullish(
  z.object({ Enabled: z.optional(z.boolean()), LogLevel: z.optional(z.string()) }),
);

/** The fields that are read; MWAA adds others over time. */
const answerSchema = z.object({
  Environment: z.object({
    AirflowVersion: z.nullish(z.string()),
    WebserverUrl: z.nullish(z.string()),
    LoggingConfiguration: z.nullish(
      z.object({
        DagProcessingLogs: logTypeSchema,
        SchedulerLogs: logTypeSchema,
        TaskLogs: logTypeSchema,
        WebserverLogs: logTypeSchema,
        WorkerLogs: logTypeSchema,
      }),
    ),
  }),
});

/**
 * The logging settings of an MWAA environment, by `GET /environments/{Name}`.
 * https://docs.aws.amazon.com/mwaa/latest/API/API_GetEnvironment.html
 *
 * An error gives the answer `unknown`, since a monitor that may not call MWAA still scans.
 */
export async function getEnvironmentLogging(
  shell: CallShell & { readonly mwaa: MwaaAccess },
  mwaaEnvironment: string,
  deadline: Deadline,
): Promise<EnvironmentLogging> {
  try {
    const answer = await callAws(
      'GetEnvironment',
      ({ requestTimeout }) =>
        getFromMwaa(
          shell.mwaa,
          `/environments/${encodeURIComponent(mwaaEnvironment)}`,
          requestTimeout,
        ),
      shell,
      deadline,
      lostAnswersMax,
    );
    const { Environment } = parseInput(answerSchema, answer, 'GetEnvironment answer');
    const { LoggingConfiguration: logging, WebserverUrl, AirflowVersion } = Environment;
    return {
      kind: 'found',
      settings: {
        DAGProcessing: settingOf(logging?.DagProcessingLogs),
        Scheduler: settingOf(logging?.SchedulerLogs),
        Task: settingOf(logging?.TaskLogs),
        WebServer: settingOf(logging?.WebserverLogs),
        Worker: settingOf(logging?.WorkerLogs),
      },
      ...(WebserverUrl && {
        airflow: { host: WebserverUrl, ...(AirflowVersion && { version: AirflowVersion }) },
      }),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') {
      shell.log('error', 'environment-not-found');
      return { kind: 'not-found' };
    }
    const reason = `GetEnvironment failed: ${describeError(error)}`;
    shell.log('error', 'environment-unknown', { reason });
    return { kind: 'unknown', reason, isPassing: isPassingFailure(error) };
  }
}

function settingOf(logType: z.infer<typeof logTypeSchema>) {
  return { enabled: logType?.Enabled, logLevel: logType?.LogLevel };
}

/**
 * How old an earlier answer may be that replaces one which failed to come.
 *
 * One throttled call should not make five log groups blind and raise five alarms, and most AWS
 * disturbances are over within the hour. There must be a limit: whoever can make the calls fail and
 * switches a log type off meanwhile goes unnoticed for no longer than this.
 */
export const keptAnswerMaxMinutes = 60;
const keptAnswerMaxMs = keptAnswerMaxMinutes * 60_000;

/** Whether the answer of an earlier tick may still replace that of this tick. */
export function mayStandIn(answeredTickEpochMs: number, tickEpochMs: number): boolean {
  return Math.abs(tickEpochMs - answeredTickEpochMs) <= keptAnswerMaxMs;
}

/** The answer to use in a tick, and what to store for the next one. */
export interface AnswerToGoBy<Answer, Kept> {
  readonly answer: Answer;
  /** undefined: nothing may replace the next answer. */
  readonly kept: Kept | undefined;
  /** Why an earlier answer is used; absent when it is this tick's own. */
  readonly keptBecause?: string;
}

/**
 * MWAA's answer for this tick. If this tick's call failed for a temporary reason, that is the last
 * answer, while it may still be used. A refusal, or the answer that there is no such environment,
 * discards the last answer.
 */
export function environmentToGoBy(
  answer: EnvironmentLogging,
  before: MonitorState['environment'],
  tickEpochMs: number,
): AnswerToGoBy<EnvironmentLogging, NonNullable<MonitorState['environment']>> {
  if (answer.kind === 'found') {
    const { settings, airflow } = answer;
    return { answer, kept: { answeredTickEpochMs: tickEpochMs, settings, airflow } };
  }
  const mayBeKept = answer.kind === 'unknown' && answer.isPassing;
  if (!mayBeKept || !before || !mayStandIn(before.answeredTickEpochMs, tickEpochMs)) {
    return { answer, kept: undefined };
  }
  const { settings, airflow } = before;
  return {
    answer: { kind: 'found', settings, ...(airflow && { airflow }) },
    kept: before,
    keptBecause: answer.reason,
  };
}

/** The same for the answer of CloudWatch Logs about which log groups exist. */
export function logGroupsToGoBy(
  answer: ExistingLogGroups,
  before: MonitorState['logGroups'],
  tickEpochMs: number,
): AnswerToGoBy<ExistingLogGroups, NonNullable<MonitorState['logGroups']>> {
  if (answer.kind === 'known') {
    const facts = Object.fromEntries(answer.logGroups);
    return { answer, kept: { answeredTickEpochMs: tickEpochMs, facts } };
  }
  if (!answer.isPassing || !before || !mayStandIn(before.answeredTickEpochMs, tickEpochMs)) {
    return { answer, kept: undefined };
  }
  return {
    answer: { kind: 'known', logGroups: new Map(Object.entries(before.facts)) },
    kept: before,
    keptBecause: answer.reason,
  };
}
