import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createLog } from '../../../lambda/common/log.ts';
import type { Timer } from '../../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { createHandler, type Monitor } from '../../../lambda/tick/create-handler.ts';
import type { SkippedTick, TickReport } from '../../../lambda/tick/tick-report.ts';
import { awsError } from './aws-error.ts';
import { FakeClient } from './fake-client.ts';
import { MemoryTable } from './memory-table.ts';

export { awsError };

export const environment = 'prod';
export const allGroups = logTypes.map((logType) => logGroupName(environment, logType));
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** Waits cost no real time: a sleep advances this timer. */
export class VirtualTimer implements Timer {
  nowMs = 0;
  readonly sleptMs: number[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.sleptMs.push(milliseconds);
    this.nowMs += milliseconds;
  }
}

export const windowError = awsError(
  'MalformedQueryException',
  "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings ([0,79])",
);

/** One row of the documented query's answer. */
export function countRow(logGroup: string, count: number) {
  return [
    { field: '@log', value: `123456789012:${logGroup}` },
    { field: 'count()', value: String(count) },
  ];
}

export const everyLogTypeAtInfo = {
  DagProcessingLogs: { Enabled: true, LogLevel: 'INFO' },
  SchedulerLogs: { Enabled: true, LogLevel: 'INFO' },
  TaskLogs: { Enabled: true, LogLevel: 'INFO' },
  WebserverLogs: { Enabled: true, LogLevel: 'INFO' },
  WorkerLogs: { Enabled: true, LogLevel: 'INFO' },
};

/** A `fetch` that gives every request the same answer, and records the requests. */
export function fakeFetch(status: number, body: unknown, errorType?: string) {
  const requests: { url: URL; headers: Headers }[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    requests.push({ url: new URL(url.toString()), headers: new Headers(init?.headers) });
    const headers = errorType === undefined ? undefined : { 'x-amzn-errortype': errorType };
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
      status,
      headers,
    });
  };
  return { requests, fetch };
}

export function environmentAnswer(
  settings: Record<string, { Enabled?: boolean; LogLevel?: string }> = {},
) {
  return {
    Environment: {
      Name: environment,
      LoggingConfiguration: { ...everyLogTypeAtInfo, ...settings },
    },
  };
}

/** A plan without a detection: the documented query alone. */
export const documentedPlan: ScanPlan = {
  schema: 1,
  documentedQuery: 'stats count() by @log',
  candidates: [],
  packRowsMax: 10_000,
  detections: [],
  approvedChanges: [],
};

export const runtimeConfig: RuntimeConfig = {
  mwaaEnvironment: environment,
  everyMinutes: 5,
  settleMinutes: 5,
  maxSliceMinutes: 60,
  silentAfterHours: 1,
  initialLookbackHours: 0,
  nearSweep: { everyMinutes: 60, lagMinutes: 60 },
  farSweep: { everyMinutes: 1440, lagMinutes: 1440 },
  correlateSeconds: 180,
  alertAt: 'medium',
  findingsTopicArn: 'arn:aws:sns:eu-west-1:123456789012:findings',
  ledgerTableName: 'ledger',
};

/**
 * Each group has seven events in each hour of the answer to the history, and in the last minute.
 */
export function incomingAnswer(
  {
    StartTime = new Date(0),
    EndTime = new Date(0),
    MetricDataQueries = [],
  }: GetMetricDataCommandInput,
  hasEvents: (logGroup: string, hourEpochMs: number) => boolean = () => true,
): GetMetricDataCommandOutput {
  const isHistory = MetricDataQueries[0]?.MetricStat?.Period === 3600;
  const hours = Math.round((EndTime.getTime() - StartTime.getTime()) / 3_600_000);
  const times = isHistory
    ? Array.from({ length: hours }, (_, at) => new Date(StartTime.getTime() + at * 3_600_000))
    : [EndTime];
  const results = allGroups.map((logGroup, at) => {
    const written = times.filter((time) => hasEvents(logGroup, time.getTime()));
    return { Id: `g${at}`, Timestamps: written, Values: written.map(() => 7) };
  });
  return { MetricDataResults: results, $metadata: {} };
}

/** A healthy environment without a match, and a monitor of it; tests change one thing. */
export function healthyMonitor(plan: ScanPlan = documentedPlan) {
  const { fake: logs, client: logsClient } = FakeClient.of(CloudWatchLogsClient);
  const { fake: cloudWatch, client: cloudWatchClient } = FakeClient.of(CloudWatchClient);
  const { fake: sns, client: snsClient } = FakeClient.of(SNSClient);
  const { fake: events, client: eventsClient } = FakeClient.of(EventBridgeClient);
  const table = new MemoryTable();
  const dynamoClient = Object.assign(Object.create(DynamoDBClient.prototype) as DynamoDBClient, {
    send: table.send.bind(table),
  });
  logs
    .on(DescribeLogGroupsCommand)
    .resolves({ logGroups: allGroups.map((name) => ({ logGroupName: name, creationTime: 0 })) })
    .on(StartQueryCommand)
    .resolves({ queryId: 'query-1' })
    .on(GetQueryResultsCommand)
    .resolves({
      status: 'Complete',
      results: [],
      statistics: { bytesScanned: 1000, logGroupsScanned: 5 },
    })
    .on(StopQueryCommand)
    .resolves({ success: true });
  cloudWatch
    .on(PutMetricDataCommand)
    .resolves({})
    .on(GetMetricDataCommand)
    .callsFake((input) => incomingAnswer(input));
  sns
    .on(PublishCommand)
    .resolves({ MessageId: 'message-1' })
    .on(PublishBatchCommand)
    .callsFake(({ PublishBatchRequestEntries }) => ({
      Successful: PublishBatchRequestEntries.map(({ Id }) => ({ Id, MessageId: `chat-${Id}` })),
    }));
  events.on(PutEventsCommand).callsFake(({ Entries }) => ({
    FailedEntryCount: 0,
    Entries: Entries.map((_, at) => ({ EventId: `event-${at}` })),
  }));

  const timer = new VirtualTimer();
  const clock = { nowEpochMs: () => Date.parse('2026-03-01T09:00:04Z') };
  const lines: Record<string, unknown>[] = [];
  const writeLine = (line: string) => {
    lines.push(JSON.parse(line));
  };
  let ids = 0;
  const monitor: Monitor = {
    config: runtimeConfig,
    plan,
    logs: logsClient,
    cloudWatch: cloudWatchClient,
    sns: snsClient,
    events: eventsClient,
    dynamo: dynamoClient,
    newId: () => `id-${ids++}`,
    mwaa: {
      endpoint: 'https://api.airflow.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      credentials,
      fetch: fakeFetch(200, environmentAnswer()).fetch,
    },
    clock,
    timer,
    random: () => 0.5,
    writeLine,
  };
  const log = createLog(writeLine, clock, { environment });
  return {
    monitor,
    shell: { ...monitor, log },
    table,
    logs,
    cloudWatch,
    sns,
    events,
    timer,
    lines,
  };
}

export const scheduledEvent = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-03-01T09:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:events:eu-west-1:123456789012:rule/monitor'],
  detail: {},
};

/** Runs one invocation of a minute, as the Lambda runtime would. */
export async function invoke(
  monitor: Monitor,
  event: unknown = scheduledEvent,
  remainingMs = 60_000,
): Promise<TickReport> {
  const report = await invokeAny(monitor, event, remainingMs);
  if ('skipped' in report) throw new Error(`the tick was skipped: ${report.skipped}`);
  return report;
}

/** Runs a tick that may be skipped. */
export function invokeAny(
  monitor: Monitor,
  event: unknown = scheduledEvent,
  remainingMs = 60_000,
): Promise<TickReport | SkippedTick> {
  return createHandler(async () => monitor)(event, { getRemainingTimeInMillis: () => remainingMs });
}

/** The data of all PutMetricData calls, as `name/group` to value. */
export function putValues(
  cloudWatch: ReturnType<typeof healthyMonitor>['cloudWatch'],
): Record<string, number | undefined> {
  return Object.fromEntries(
    cloudWatch
      .commandCalls(PutMetricDataCommand)
      .flatMap((call) => call.args[0].input.MetricData ?? [])
      .map(({ MetricName, Dimensions, Value }) => {
        const logGroup = Dimensions?.find(({ Name }) => Name === 'LogGroup')?.Value;
        return [logGroup === undefined ? `${MetricName}` : `${MetricName}/${logGroup}`, Value];
      }),
  );
}
