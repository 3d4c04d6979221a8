import * as z from 'zod/mini';
import { type CallShell, callAws, isPassingFailure } from '../aws/call-aws.ts';
import { getFromMwaa, type MwaaAccess } from '../aws/mwaa-request.ts';
import { describeError } from '../common/log.ts';
import { parseInput } from '../common/parse-input.ts';
import type { Deadline } from '../common/time.ts';
import type { EnvironmentLogging } from '../model/coverage.ts';

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

const lostAnswersMax = 3;

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
