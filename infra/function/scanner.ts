import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from '../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { cronExpression, maxTickAge } from '../config/schedule.ts';
import type { WitnessConfig } from '../config/witness-config.ts';
import type { MonitorNames } from '../naming/names.ts';
import { allowEvents } from '../resources/event-bus.ts';
import { acknowledgeWildcard, allowLedger, servicesOf } from '../resources/resources.ts';
import { CodeWithPlan } from './lambda-code.ts';

/**
 * A queue for lost ticks, which an alarm watches. A tick carries no data but its time, and the next
 * one reads on from the positions in the ledger: once the cause is fixed, the queue is purged, not
 * replayed.
 */
function failureQueue(scope: Construct, id: string, key: IKey): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This queue is itself the last stop of failed ticks; nothing consumes it.',
  });
  return queue;
}

/**
 * The environment variables of the scanner: its whole configuration, as JSON in one of them.
 *
 * No NODE_OPTIONS=--enable-source-maps: the map would be read at every cold start, which adds up to
 * a third to the import.
 */
function scannerVariables(
  config: EnvironmentConfig,
  {
    findings,
    ledger,
    bus,
    chat,
  }: {
    readonly findings: ITopic;
    readonly ledger: ITable;
    readonly bus?: IEventBus | undefined;
    readonly chat?: ITopic | undefined;
  },
): Record<string, string> {
  const runtimeConfig = runtimeConfigSchema.parse({
    mwaaEnvironment: config.mwaaEnvironment,
    everyMinutes: config.everyMinutes,
    offsetMinutes: config.offsetMinutes,
    delaySeconds: config.delaySeconds,
    settleMinutes: config.settleMinutes,
    maxSliceMinutes: config.maxSliceMinutes,
    silentAfterHours: config.silentAfterHours,
    logTypes: config.logTypes,
    initialLookbackHours: config.initialLookbackHours,
    nearSweep: config.nearSweep,
    farSweep: config.farSweep,
    ledgerRetentionDays: config.ledgerRetentionDays,
    correlateSeconds: config.correlateSeconds,
    alertAt: config.alertAt,
    findingsTopicArn: findings.topicArn,
    runbookBaseUrl: config.runbookBaseUrl,
    ledgerTableName: ledger.tableName,
    ...(bus && { eventBusArn: bus.eventBusArn }),
    ...(chat && { chatTopicArn: chat.topicArn }),
    ...(config.witness && { witness: witnessToJoin(config.witness) }),
  } satisfies RuntimeConfig);
  return { [runtimeConfigVariable]: JSON.stringify(runtimeConfig) };
}

/** What the scanner joins to its findings. */
function witnessToJoin({ auditLog, snapshot, everyMinutes }: WitnessConfig) {
  return { auditLog, snapshot, everyMinutes };
}

/** Allows the scanner to publish to a topic that is encrypted with a key of its own. */
function allowTopicKey(role: Role, kmsKeyArn: string): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'EncryptFindingsOnTheExistingTopic',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [kmsKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': servicesOf(Stack.of(role), 'sns') } },
    }),
  );
}

/**
 * Allows the scanner what it does with the environment that it watches, and with its own metrics.
 */
function grantScannerPermissions(role: Role, config: EnvironmentConfig): void {
  const stack = Stack.of(role);
  const logGroupArns = logTypes.map((logType) =>
    stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: logGroupName(config.mwaaEnvironment, logType),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const streamArns = logGroupArns.map((arn) => `${arn}:*`);

  role.addToPolicy(
    new PolicyStatement({
      sid: 'QueryTheFiveLogGroups',
      actions: ['logs:StartQuery'],
      // Some calls are checked against the plain ARN, some against the one of the group's streams.
      resources: [...logGroupArns, ...streamArns],
    }),
  );
  const taskStreams = `${logGroupArns[logTypes.indexOf('Task')]}:log-stream:*`;
  role.addToPolicy(
    new PolicyStatement({
      // The first lines of a task's log name the owner of its DAG, for the mail about a finding.
      sid: 'ReadWhoOwnsADag',
      actions: ['logs:GetLogEvents'],
      resources: [taskStreams],
    }),
  );
  acknowledgeWildcard(
    role,
    { resource: taskStreams },
    'The streams of the one log group of tasks: which stream a finding is in, nobody knows at synthesis.',
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'FollowQueriesAndFindLogGroups',
      // None of the three can be limited to a resource: a query has no ARN (GetQueryResults took a
      // log group's in one edition of the Service Authorization Reference only), and
      // DescribeLogGroups is a list.
      actions: ['logs:GetQueryResults', 'logs:StopQuery', 'logs:DescribeLogGroups'],
      resources: ['*'],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'PublishOwnMetrics',
      // PutMetricData has no resources; the namespace is its only limit.
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'SeeWhetherLogGroupsAreSilent',
      // GetMetricData has no resources nor, unlike PutMetricData, a namespace.
      actions: ['cloudwatch:GetMetricData'],
      resources: ['*'],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'SeeWhatTheEnvironmentLogs',
      actions: ['airflow:GetEnvironment'],
      resources: [
        stack.formatArn({
          service: 'airflow',
          resource: 'environment',
          resourceName: config.mwaaEnvironment,
        }),
      ],
    }),
  );
  const keysOfAccount = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  role.addToPolicy(
    new PolicyStatement({
      // AWS's documents disagree on whether a caller of Logs Insights needs this itself: the guide
      // says that CloudWatch Logs decrypts, the managed policy CloudWatchLogsAPIKeyAccess gives it
      // to callers.
      sid: 'ReadEncryptedLogsThroughCloudWatchLogs',
      actions: ['kms:Decrypt'],
      resources: [
        keysOfAccount,
        ...(config.logsKmsKeyArn === undefined ? [] : [config.logsKmsKeyArn]),
      ],
      conditions: {
        StringEquals: { 'kms:ViaService': servicesOf(stack, 'logs') },
        // The context with which Logs encrypts each group: its ARN without `:*`.
        ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroupArns },
      },
    }),
  );
  acknowledgeWildcards(role, streamArns);
  acknowledgeWildcard(
    role,
    { resource: keysOfAccount },
    'Nobody knows at synthesis which key the log groups of an environment have. It may be used through CloudWatch Logs only, and for the five log groups only.',
  );
}

function acknowledgeWildcards(role: Role, streamArns: readonly string[]): void {
  for (const resource of streamArns) {
    const reason = 'The streams of one named log group: the second form of its ARN.';
    acknowledgeWildcard(role, { resource }, reason);
  }
  acknowledgeWildcard(
    role,
    { resource: '*' },
    'GetQueryResults, StopQuery, DescribeLogGroups, GetMetricData and PutMetricData cannot be limited to a resource; PutMetricData is limited to one namespace.',
  );
}

interface ScannerProps {
  readonly config: EnvironmentConfig;
  /** Called when the app is synthesized. */
  readonly plan: () => ScanPlan;
  readonly names: MonitorNames;
  readonly key: IKey;
  /** Where findings are published. */
  readonly findings: ITopic;
  /** Where the scanner stores its state. */
  readonly ledger: ITable;
  /** Where findings are put as events; undefined for nowhere. */
  readonly bus?: IEventBus | undefined;
  /** Where they are published for a chat; undefined for nowhere. */
  readonly chat?: ITopic | undefined;
}

/** Lambda's limit for the age of an asynchronous event, and EventBridge's for a retried one. */
const lambdaMaxEventAge = Duration.hours(6);
const eventBridgeMaxEventAge = Duration.hours(24);

/**
 * The Lambda function that scans, its schedule, and a queue for each way in which a tick can be
 * lost.
 */
export class Scanner extends Construct {
  readonly function: LambdaFn;
  readonly logGroup: LogGroup;
  readonly role: Role;
  readonly schedule: Rule;
  /** Ticks that EventBridge could not deliver to Lambda, and notices that it could not deliver to SNS. */
  readonly undeliveredTicks: Queue;
  /** Ticks whose run failed, retry included. */
  readonly failedRuns: Queue;

  constructor(scope: Construct, id: string, props: ScannerProps) {
    super(scope, id);
    const { config, plan, names, key, findings, ledger, bus, chat } = props;

    this.logGroup = new LogGroup(this, 'Logs', {
      // It has a fixed name, so that the key's policy can name it too.
      logGroupName: names.scannerLogGroup,
      retention: config.scannerLogRetentionDays as RetentionDays,
      encryptionKey: key,
      // A retained group would make the next deployment of the same name fail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.undeliveredTicks = failureQueue(this, 'UndeliveredTicks', key);
    this.failedRuns = failureQueue(this, 'FailedRuns', key);

    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Scans the logs of MWAA environment ${config.mwaaEnvironment}`,
    });
    const { role } = this;
    this.logGroup.grantWrite(role);
    grantScannerPermissions(role, config);
    allowLedger(role, ledger, key);
    this.allowPublishing(role, key, chat === undefined ? [findings] : [findings, chat]);
    if (config.notify.existingTopicKmsKeyArn !== undefined) {
      allowTopicKey(role, config.notify.existingTopicKmsKeyArn);
    }
    if (bus !== undefined) allowEvents(role, bus);

    this.function = new LambdaFn(this, 'Function', {
      description: `Looks for privilege changes in MWAA environment ${config.mwaaEnvironment}`,
      code: new CodeWithPlan(plan),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // The bundle needs 60 MB. CPU comes with memory: with less, a cold start takes up to a
      // second; more would buy nothing, since a run mostly waits for Logs Insights.
      memorySize: 512,
      // A run longer than its period would overlap the next ones.
      timeout: Duration.minutes(Math.min(config.everyMinutes, 5)),
      role,
      logGroup: this.logGroup,
      environment: scannerVariables(config, { findings, ledger, bus, chat }),
      retryAttempts: 1,
      maxEventAge: maxTickAge(config.everyMinutes, lambdaMaxEventAge),
      // CDK's own destination would grant kms:ReEncrypt* and more; the statement below is exact.
      onFailure: { bind: () => ({ destination: this.failedRuns.queueArn }) },
    });
    // Lambda checks on creation whether the role may write to the on-failure destination.
    this.function.node.addDependency(role);

    this.schedule = new Rule(this, 'Schedule', {
      description: `Ticks of the privilege monitor of MWAA environment ${config.mwaaEnvironment}`,
      schedule: Schedule.expression(cronExpression(config.everyMinutes, config.offsetMinutes)),
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 1,
          maxEventAge: maxTickAge(config.everyMinutes, eventBridgeMaxEventAge),
          deadLetterQueue: this.undeliveredTicks,
        }),
      ],
    });
  }

  private allowPublishing(role: Role, key: IKey, topics: readonly ITopic[]): void {
    role.addToPolicy(
      new PolicyStatement({
        sid: 'PublishFindings',
        actions: ['sns:Publish'],
        resources: topics.map(({ topicArn }) => topicArn),
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ReportFailedRuns',
        actions: ['sqs:SendMessage'],
        resources: [this.failedRuns.queueArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        // SNS and Lambda's report to SQS use the key in the role's name.
        sid: 'EncryptFindingsAndReportsOfFailedRuns',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': servicesOf(Stack.of(this), 'sns', 'sqs') },
        },
      }),
    );
  }
}
