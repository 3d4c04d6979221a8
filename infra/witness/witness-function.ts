import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { witnessPartition } from '../../lambda/ledger/witness-items.ts';
import {
  type WitnessConfig as RuntimeWitness,
  witnessConfigSchema,
  witnessConfigVariable,
} from '../../lambda/witness/witness-config.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { cronExpression, maxTickAge, turnOf } from '../config/schedule.ts';
import type { WitnessConfig } from '../config/witness-config.ts';
import { entryCode } from '../function/entry-code.ts';
import type { MonitorNames } from '../naming/names.ts';
import { allowLedgersKey, servicesOf } from '../resources/resources.ts';
import { allowAttaching, attachToVpc } from './witness-network.ts';

interface WitnessFunctionProps {
  readonly config: EnvironmentConfig;
  readonly witness: WitnessConfig;
  readonly names: MonitorNames;
  readonly key: IKey;
  /** The monitor's table, of which the witness has one partition. */
  readonly ledger: ITable;
  /** The scanner's queues, and so its alarms: runs that could not be started, and runs that failed. */
  readonly undeliveredTicks: IQueue;
  readonly failedRuns: IQueue;
}

/** Lambda's limit for the age of an asynchronous event, and EventBridge's for a retried one. */
const lambdaMaxEventAge = Duration.hours(6);
const eventBridgeMaxEventAge = Duration.hours(24);
const timeoutMinutesMax = 5;

/**
 * The second witness: a function of its own, which asks Airflow's REST API and writes what it saw into its
 * partition of the ledger. It notifies nobody and puts no metric; the scanner joins what it saw, and so keeps
 * no right on Airflow and no network.
 */
export class WitnessFunction extends Construct {
  readonly function: LambdaFn;
  readonly role: Role;
  readonly schedule: Rule;

  constructor(scope: Construct, id: string, props: WitnessFunctionProps) {
    super(scope, id);
    const { config, witness, names, key, undeliveredTicks } = props;
    const { mwaaEnvironment, scannerLogRetentionDays } = config;
    const { everyMinutes } = witness;
    const logGroup = new LogGroup(this, 'Logs', {
      // It has a fixed name, so that the key's policy can name it too.
      logGroupName: names.witnessLogGroup,
      retention: scannerLogRetentionDays as RetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Reads users, roles and the audit log of MWAA environment ${mwaaEnvironment}`,
    });
    const { role } = this;
    logGroup.grantWrite(role);
    allowReadingAirflow(role, mwaaEnvironment, witness);
    allowPartition(role, props);
    allowReports(role, props);
    if (witness.vpc !== undefined) allowAttaching(role);

    this.function = new LambdaFn(this, 'Function', {
      description: `Asks the Airflow of MWAA environment ${mwaaEnvironment} who has which role`,
      code: entryCode('witness-handler'),
      handler: 'index.witnessHandler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // An answer has 6 MB at most, and is held several times while it is read.
      memorySize: 512,
      timeout: Duration.minutes(Math.min(everyMinutes, timeoutMinutesMax)),
      role,
      logGroup,
      environment: { [witnessConfigVariable]: JSON.stringify(runtimeConfig(props)) },
      retryAttempts: 1,
      maxEventAge: maxTickAge(everyMinutes, lambdaMaxEventAge),
      onFailure: { bind: () => ({ destination: props.failedRuns.queueArn }) },
    });
    // Lambda checks on creation whether the role may write to the on-failure destination.
    this.function.node.addDependency(role);
    if (witness.vpc !== undefined) attachToVpc(this, this, witness.vpc);

    const { offsetMinutes } = turnOf(`${mwaaEnvironment} witness`, everyMinutes);
    this.schedule = new Rule(this, 'Schedule', {
      description: `Runs of the second witness of MWAA environment ${mwaaEnvironment}`,
      schedule: Schedule.expression(cronExpression(everyMinutes, offsetMinutes)),
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 1,
          maxEventAge: maxTickAge(everyMinutes, eventBridgeMaxEventAge),
          deadLetterQueue: undeliveredTicks,
        }),
      ],
    });
  }
}

function runtimeConfig({ config, witness, ledger }: WitnessFunctionProps): RuntimeWitness {
  const { auditLog, snapshot, everyMinutes, airflowVersion } = witness;
  return witnessConfigSchema.parse({
    mwaaEnvironment: config.mwaaEnvironment,
    ledgerTableName: ledger.tableName,
    ...{ auditLog, snapshot, everyMinutes, airflowVersion },
  } satisfies RuntimeWitness);
}

/**
 * IAM cannot limit InvokeRestApi to reads, nor to paths: the Airflow role in the ARN is its only limit. `Public`
 * has no permissions; what the witness may read is given inside of Airflow.
 */
function allowReadingAirflow(
  role: Role,
  mwaaEnvironment: string,
  { airflowRole, vpc }: WitnessConfig,
): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'CallAirflowAsPublic',
      actions: ['airflow:InvokeRestApi'],
      resources: [
        Stack.of(role).formatArn({
          service: 'airflow',
          resource: 'role',
          resourceName: `${mwaaEnvironment}/${airflowRole}`,
        }),
      ],
      // A private web server is reached from its VPC only, and so the right is worth nothing elsewhere.
      ...(vpc && { conditions: { StringEquals: { 'aws:SourceVpc': vpc.vpcId } } }),
    }),
  );
}

/** Of the ledger, the witness has the one partition that it writes; findings and positions are not there. */
function allowPartition(role: Role, { ledger, key }: WitnessFunctionProps): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'RememberWhatWasSeen',
      actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      resources: [ledger.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [witnessPartition] },
        // For all of no values is true as well.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
  );
  allowLedgersKey(role, key);
}

function allowReports(role: Role, { failedRuns, key }: WitnessFunctionProps): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReportFailedRuns',
      actions: ['sqs:SendMessage'],
      resources: [failedRuns.queueArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'EncryptReportsOfFailedRuns',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': servicesOf(Stack.of(role), 'sqs') } },
    }),
  );
}
