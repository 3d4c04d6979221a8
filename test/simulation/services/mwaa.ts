import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { SimulatedLogGroup } from './log-groups.ts';

const settingNames = {
  DAGProcessing: 'DagProcessingLogs',
  Scheduler: 'SchedulerLogs',
  Task: 'TaskLogs',
  WebServer: 'WebserverLogs',
  Worker: 'WorkerLogs',
} as const;

/** MWAA's answer to GetEnvironment, as JSON. */
export function environmentAnswer(
  mwaaEnvironment: string,
  groups: ReadonlyMap<string, SimulatedLogGroup>,
): object {
  const settings = logTypes.map((logType) => {
    const facts = groups.get(logGroupName(mwaaEnvironment, logType))?.facts;
    return [settingNames[logType], { Enabled: facts?.enabled, LogLevel: facts?.logLevel }];
  });
  return {
    Environment: { Name: mwaaEnvironment, LoggingConfiguration: Object.fromEntries(settings) },
  };
}

/** An answer of `fetch`, with the parts that are read. */
export function fetchAnswer(status: number, body: object, errorType?: string): Response {
  const answer = {
    status,
    headers: { get: (name: string) => (name === 'x-amzn-errortype' ? (errorType ?? null) : null) },
    text: async () => JSON.stringify(body),
  };
  return answer as unknown as Response;
}
