import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { account, region } from '../local-aws/local-aws.ts';
import { createAirflowEnvironment } from '../local-aws/mwaa.ts';
import { incomingEvents } from '../read/past.ts';
import type { Stage } from '../stage.ts';

const bucket = 'mwaa-dags';
const roleName = 'mwaa-execution';
const metricsOfOneCall = 200;

/** An MWAA environment with its bucket, execution role and five log groups. */
export async function createEnvironment(stage: Stage, name: string): Promise<void> {
  const { clients, aws } = stage;
  await clients.s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: region },
    }),
  );
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: ['airflow.amazonaws.com', 'airflow-env.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      },
    ],
  };
  await clients.iam.send(
    new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const logging = logTypes.map((logType) => {
    const field =
      logType === 'DAGProcessing' ? 'DagProcessing' : logType.replace('Server', 'server');
    return [`${field}Logs`, { Enabled: true, LogLevel: 'INFO' }];
  });
  await createAirflowEnvironment(aws, name, {
    ...{ AirflowVersion: '2.10.3', DagS3Path: 'dags', WebserverAccessMode: 'PRIVATE_ONLY' },
    ExecutionRoleArn: `arn:aws:iam::${account}:role/${roleName}`,
    SourceBucketArn: `arn:aws:s3:::${bucket}`,
    NetworkConfiguration: { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] },
    LoggingConfiguration: Object.fromEntries(logging),
  });
  for (const logType of logTypes) {
    const logGroup = logGroupName(name, logType);
    await clients.logs.send(new CreateLogGroupCommand({ logGroupName: logGroup }));
  }
}

/** How long after its time CloudWatch Logs received an event: an event without it would count as late. */
const ingestionLagMs = 1000;

/** Puts events into the log groups, and CloudWatch's own counts of them. */
export async function putEvents(stage: Stage, events: readonly LogEvent[]): Promise<void> {
  await stage.engine.load(
    events.map((event) => ({ ...event, ingestionTime: event.timestamp + ingestionLagMs })),
  );
  const data = incomingEvents(events).map(({ logGroup, minuteEpochMs, count }) => ({
    MetricName: 'IncomingLogEvents',
    Dimensions: [{ Name: 'LogGroupName', Value: logGroup }],
    Timestamp: new Date(minuteEpochMs),
    Value: count,
  }));
  for (let at = 0; at < data.length; at += metricsOfOneCall) {
    await stage.clients.cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/Logs',
        MetricData: data.slice(at, at + metricsOfOneCall),
      }),
    );
  }
}
