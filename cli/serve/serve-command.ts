import { Command, InvalidArgumentError, Option } from 'commander';
import type { AwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import { faultsByText } from '../../local/aws-endpoints/logs/query-store.ts';
import type { InsightsEngine } from '../../local/insights-engine/engine.ts';
import { type EndTimeReading, endTimeReadings } from '../../local/insights-engine/engine-types.ts';
import {
  allowIncompleteOption,
  environmentOption,
  type IncompleteLogsOptions,
  type LogOptions,
  logGroupOption,
  logsOption,
  logTypeOption,
  whatIsMissing,
} from '../common/log-options.ts';
import { openLogs } from '../common/open-logs.ts';
import { countOf, UserError } from '../common/output.ts';
import { warn } from '../common/progress.ts';
import { type TimeRange, timeRange } from '../common/time-options.ts';

interface ServeOptions extends IncompleteLogsOptions, LogOptions {
  readonly logs?: string;
  readonly port: number;
  readonly endTime: EndTimeReading;
  readonly refuseText?: RegExp;
  readonly failText?: RegExp;
}

/** The logs to serve, and the clock of the endpoints. */
interface ServedLogs {
  readonly engine: InsightsEngine;
  readonly nowEpochMs: () => number;
  readonly events: number;
  readonly range: TimeRange;
}

const examples = `
Examples:
  $ npx privilege-monitor serve --logs events.ndjson --port 4566
  $ npx privilege-monitor serve --logs ~/airflow/logs --environment Prod --port 0
  $ npx privilege-monitor serve                       # an empty CloudWatch Logs to put events into
  $ npx privilege-monitor serve --logs events.ndjson --end-time millisecond --refuse-text '\\bunpause\\b'

Any AWS client can use it: the AWS CLI, boto3, the SDKs, Grafana. It listens only on 127.0.0.1,
as account 000000000000, and accepts any credentials. It supports, with AWS's limits and errors:

  CloudWatch Logs  StartQuery, GetQueryResults, StopQuery; DescribeLogGroups, DescribeLogStreams;
                   CreateLogGroup, PutRetentionPolicy, DeleteLogGroup, CreateLogStream, PutLogEvents;
                   FilterLogEvents with patterns of terms, GetLogEvents
  CloudWatch       PutMetricData; GetMetricData of these, AWS/Logs IncomingLogEvents, IncomingBytes
  MWAA             GetEnvironment: an environment exists when one of its five log groups does
  SNS              Publish

Events that are put are lost when it ends.`;

export function serveCommand(): Command {
  return new Command('serve')
    .description('emulate CloudWatch Logs: answer any AWS client from local logs')
    .addOption(logsOption())
    .addOption(environmentOption())
    .addOption(logTypeOption())
    .addOption(logGroupOption())
    .addOption(allowIncompleteOption())
    .option('--port <number>', 'port on 127.0.0.1; 0 picks a free one', parsePort, 4566)
    .addOption(
      new Option(
        '--end-time <reading>',
        'whether endTime includes its whole second or only its first millisecond; AWS may do either',
      )
        .choices(endTimeReadings)
        .default('second'),
    )
    .option(
      '--refuse-text <regexp>',
      'StartQuery refuses matching queries as malformed',
      parseRegexp,
    )
    .option('--fail-text <regexp>', 'matching queries end with the status Failed', parseRegexp)
    .addHelpText('after', examples)
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { port, endTime, refuseText, failText } = options;
  const { startAwsEndpoints } = await import('../../local/aws-endpoints/aws-endpoints.ts');
  const { engine, nowEpochMs, events, range } = await openServedLogs(options);
  let endpoints: AwsEndpoints;
  try {
    endpoints = await startAwsEndpoints({
      ...{ engine, clock: { nowEpochMs }, port, endTime },
      queryFault: faultsByText({ refuse: refuseText, fail: failText }),
    });
  } catch (error) {
    engine.close();
    throw isListenError(error) ? new UserError(error.message, { cause: error }) : error;
  }
  const logGroups = (await engine.logGroups()).map(({ logGroup }) => logGroup);
  console.log(usage(endpoints.url, events, logGroups, range));
  await stopSignal();
  await endpoints.close();
  engine.close();
}

async function openServedLogs(options: ServeOptions): Promise<ServedLogs> {
  const { logs, environment, logType, allowIncomplete = false } = options;
  if (logs !== undefined) {
    const opened = await openLogs({
      path: logs,
      ...(environment !== undefined && { environment }),
      ...(logType !== undefined && { logType }),
    });
    const { engine, nowEpochMs, report } = opened;
    const missing = whatIsMissing(logs, report);
    if (missing !== undefined && !allowIncomplete) {
      engine.close();
      // Clients could not distinguish a missing line from one that was never written.
      throw new UserError(`${missing}; --allow-incomplete serves the rest`);
    }
    if (missing !== undefined) warn(`${missing}; the rest is served`);
    return { engine, nowEpochMs, events: report.events, range: timeRange({}, opened) };
  }
  if (environment !== undefined) {
    throw new UserError(
      '--environment names the environment of an Airflow folder: --logs is missing',
    );
  }
  if (logType !== undefined) {
    throw new UserError('--log-type is the log type of Airflow logs: --logs is missing');
  }
  const { InsightsEngine } = await import('../../local/insights-engine/engine.ts');
  const engine = await InsightsEngine.open();
  const nowEpochMs = () => Date.now();
  const startEpochSeconds = Math.floor(nowEpochMs() / 1000);
  const range = { startEpochSeconds, endEpochSeconds: startEpochSeconds + 3600 };
  return { engine, nowEpochMs, events: 0, range };
}

function isListenError(error: unknown): error is Error {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'syscall' in cause && cause.syscall === 'listen';
}

function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  return promise;
}

function usage(
  url: string,
  events: number,
  logGroups: readonly string[],
  { startEpochSeconds, endEpochSeconds }: TimeRange,
): string {
  const [first] = logGroups;
  const shown = logGroups.slice(0, 10).join(', ');
  const content =
    first === undefined
      ? 'no log groups yet: create them and put events'
      : `${countOf(events, 'event')} in ${countOf(logGroups.length, 'log group')}: ${shown}${logGroups.length > 10 ? ', …' : ''}`;
  const firstCommand =
    first === undefined
      ? 'aws logs create-log-group --log-group-name airflow-Prod-Task'
      : `aws logs start-query --log-group-names ${first} \\
              --start-time ${startEpochSeconds} --end-time ${endEpochSeconds} --query-string 'fields @message'`;
  return `CloudWatch Logs at ${url}
  ${content}

AWS CLI     export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=${url} AWS_DEFAULT_REGION=us-east-1 \\
                   AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
            ${firstCommand}
boto3       boto3.client('logs', endpoint_url='${url}', region_name='us-east-1',
              aws_access_key_id='local', aws_secret_access_key='local')
JavaScript  new CloudWatchLogsClient({ endpoint: '${url}', region: 'us-east-1',
              credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })

Press Ctrl+C to stop.`;
}

function parseRegexp(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return port;
}
