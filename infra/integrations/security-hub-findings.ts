import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { eventSource, findingDetailType } from '../../lambda/messages/finding-event.ts';
import { severitiesFrom } from '../config/notify-config.ts';
import { entryCode } from '../function/entry-code.ts';

interface SecurityHubFindingsProps {
  /** The bus of one or more monitors of this account and Region. */
  readonly eventBus: IEventBus;
  /** Findings below it are not imported. @default low */
  readonly minSeverity?: 'low' | 'medium' | 'high' | 'critical' | undefined;
}

/** Security Hub is down, or throttles, for hours at most: then the event goes to the queue. */
const maxEventAge = Duration.hours(6);

/**
 * Imports the findings on an event bus into Security Hub of the same account and Region, where Security Hub
 * must be enabled. A finding keeps its id, so an update replaces it and a repeated event changes nothing.
 *
 * A finding that Security Hub does not take, also in a request that it accepts, is tried three times and
 * then kept in {@link deadLetterQueue} for 14 days; {@link alarm} rings meanwhile.
 */
export class SecurityHubFindings extends Construct {
  readonly function: LambdaFn;
  /** Events that could not be imported. */
  readonly deadLetterQueue: Queue;
  /** Rings while there is one; give it an action. */
  readonly alarm: Alarm;

  constructor(
    scope: Construct,
    id: string,
    { eventBus, minSeverity = 'low' }: SecurityHubFindingsProps,
  ) {
    super(scope, id);
    const stack = Stack.of(this);
    this.deadLetterQueue = new Queue(this, 'NotImported', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.deadLetterQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This queue is itself the last stop of events that cannot be imported.',
    });
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Imports findings of MWAA Privilege Monitor into Security Hub',
    });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ImportFindingsOfTheAccount',
        actions: ['securityhub:BatchImportFindings'],
        resources: [
          stack.formatArn({
            service: 'securityhub',
            resource: 'product',
            resourceName: `${stack.account}/default`,
          }),
        ],
      }),
    );
    this.function = new LambdaFn(this, 'Function', {
      description: 'Imports findings of MWAA Privilege Monitor into Security Hub',
      code: entryCode('security-hub-handler'),
      handler: 'index.importHandler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.seconds(30),
      role,
      logGroup,
      retryAttempts: 2,
      maxEventAge,
      onFailure: new SqsDestination(this.deadLetterQueue),
    });
    new Rule(this, 'Rule', {
      eventBus,
      description: 'Findings of MWAA Privilege Monitor for Security Hub',
      eventPattern: {
        source: [eventSource],
        detailType: [findingDetailType],
        account: [stack.account],
        detail: { kind: ['finding', 'update'], severity: severitiesFrom(minSeverity) },
      },
      targets: [
        new LambdaFunction(this.function, {
          deadLetterQueue: this.deadLetterQueue,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    this.alarm = new Alarm(this, 'Alarm', {
      alarmDescription:
        'Findings of MWAA Privilege Monitor could not be imported into Security Hub: read the error in the function’s log, then send the messages of the queue to the function again.',
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'Maximum',
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
