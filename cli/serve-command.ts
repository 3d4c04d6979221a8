import { Command, InvalidArgumentError } from 'commander';
import type { AwsEndpoints } from '../local/aws-endpoints/aws-endpoints.ts';
import { countOf } from './count-of.ts';
import { environmentOption, logsOption } from './log-options.ts';
import { openLogs } from './open-logs.ts';
import { type TimeRange, timeRange } from './time-range.ts';
import { UserError } from './user-error.ts';

interface ServeOptions {
  readonly logs: string;
  readonly environment?: string;
  readonly port: number;
}

const examples = `
Examples:
  $ npx privilege-monitor serve --logs events.ndjson --port 4566
  $ npx privilege-monitor serve --logs ~/airflow/logs --environment Prod --port 0

Any AWS client can ask it: the AWS CLI, boto3, the SDKs, Grafana. It listens on 127.0.0.1 only,
as account 000000000000, and takes any credentials.`;

export function serveCommand(): Command {
  return new Command('serve')
    .description('answer CloudWatch Logs Insights queries of any AWS client on local logs')
    .addOption(logsOption().makeOptionMandatory())
    .addOption(environmentOption())
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', parsePort, 4566)
    .addHelpText('after', examples)
    .action(serve);
}

async function serve({ logs, environment, port }: ServeOptions): Promise<void> {
  const { startAwsEndpoints } = await import('../local/aws-endpoints/aws-endpoints.ts');
  const opened = await openLogs({
    path: logs,
    ...(environment === undefined ? {} : { environment }),
  });
  const { engine, report, nowEpochMs } = opened;
  let endpoints: AwsEndpoints;
  try {
    endpoints = await startAwsEndpoints({ engine, clock: { nowEpochMs }, port });
  } catch (error) {
    engine.close();
    throw isListenError(error) ? new UserError(error.message, { cause: error }) : error;
  }
  const logGroups = (await engine.logGroups()).map(({ logGroup }) => logGroup);
  console.log(usage(endpoints.url, report.events, logGroups, timeRange({}, opened)));
  await stopSignal();
  await endpoints.close();
  engine.close();
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
  const [first = 'airflow-Prod-Task'] = logGroups;
  return `CloudWatch Logs Insights at ${url}
  ${countOf(events, 'event')} in ${countOf(logGroups.length, 'log group')}: ${logGroups.slice(0, 10).join(', ')}${logGroups.length > 10 ? ', …' : ''}

AWS CLI     export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=${url} AWS_REGION=us-east-1 \\
                   AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
            aws logs start-query --log-group-names ${first} \\
              --start-time ${startEpochSeconds} --end-time ${endEpochSeconds} --query-string 'fields @message'
boto3       boto3.client('logs', endpoint_url='${url}', region_name='us-east-1',
              aws_access_key_id='local', aws_secret_access_key='local')
JavaScript  new CloudWatchLogsClient({ endpoint: '${url}', region: 'us-east-1',
              credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })

Ctrl+C ends it.`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return port;
}
