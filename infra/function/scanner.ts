import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import type { MonitorNames } from '../config/names.ts';
import { cronExpression, maxTickAge } from '../config/schedule.ts';
import { allowLedger } from '../resources/ledger-table.ts';
import { failureQueue } from './failure-queue.ts';
import { lambdaCode } from './lambda-bundle.ts';
import { grantScannerPermissions } from './scanner-permissions.ts';
import { scannerVariables } from './scanner-settings.ts';

export interface ScannerProps {
  readonly config: EnvironmentConfig;
  readonly plan: ScanPlan;
  readonly names: MonitorNames;
  readonly key: IKey;
  /** Where findings are published. */
  readonly findings: ITopic;
  /** Where the scanner stores its state. */
  readonly ledger: ITable;
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
  /** Ticks that EventBridge could not deliver to Lambda. */
  readonly undeliveredTicks: Queue;
  /** Ticks whose run failed, retry included. */
  readonly failedRuns: Queue;

  constructor(scope: Construct, id: string, props: ScannerProps) {
    super(scope, id);
    const { config, plan, names, key, findings, ledger } = props;

    this.logGroup = new LogGroup(this, 'Logs', {
      // It has a fixed name, so that the key's policy can name it too.
      logGroupName: names.scannerLogGroup,
      retention: RetentionDays.THREE_MONTHS,
      encryptionKey: key,
      // A retained group would make the next deployment of the same name fail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.undeliveredTicks = failureQueue(this, 'UndeliveredTicks', key);
    this.failedRuns = failureQueue(this, 'FailedRuns', key);

    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Scans the logs of MWAA environment ${config.mwaaEnvironment}`,
    });
    this.logGroup.grantWrite(role);
    grantScannerPermissions(role, config);
    allowLedger(role, ledger, key);
    this.allowPublishing(role, key, findings);

    this.function = new LambdaFn(this, 'Function', {
      description: `Looks for privilege changes in MWAA environment ${config.mwaaEnvironment}`,
      code: lambdaCode(plan),
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
      environment: scannerVariables(config, { findings, ledger }),
      retryAttempts: 1,
      maxEventAge: maxTickAge(config.everyMinutes, lambdaMaxEventAge),
      // CDK's own destination would grant kms:ReEncrypt* and more; the statement below is exact.
      onFailure: { bind: () => ({ destination: this.failedRuns.queueArn }) },
    });
    // Lambda checks on creation whether the role may write to the on-failure destination.
    this.function.node.addDependency(role);

    new Rule(this, 'Schedule', {
      description: `Ticks of the privilege monitor of MWAA environment ${config.mwaaEnvironment}`,
      schedule: Schedule.expression(cronExpression(config.everyMinutes)),
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 1,
          maxEventAge: maxTickAge(config.everyMinutes, eventBridgeMaxEventAge),
          deadLetterQueue: this.undeliveredTicks,
        }),
      ],
    });
  }

  private allowPublishing(role: Role, key: IKey, findings: ITopic): void {
    role.addToPolicy(
      new PolicyStatement({
        sid: 'PublishFindings',
        actions: ['sns:Publish'],
        resources: [findings.topicArn],
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
        sid: 'EncryptFindingsAndReportsOfFailedRuns',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
      }),
    );
  }
}
