import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import {
  Annotations,
  Aws,
  type CfnElement,
  CfnOutput,
  Stack,
  Stage,
  Tags,
  Token,
} from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import { logGroupName, logTypes } from '../lambda/model/log-types.ts';
import type { ScanPlan } from '../lambda/plan/scan-plan.ts';
import { InputError } from '../queries/tools/checked-yaml.ts';
import type { Detection } from '../queries/tools/detection-schema.ts';
import { loadDetections, loadOwnDetection } from '../queries/tools/load-detections.ts';
import type { EnvironmentConfig } from './config/environment-config.ts';
import { expiryWarnings } from './config/expiry-warnings.ts';
import { monitorConfig } from './config/monitor-config.ts';
import type { MwaaPrivilegeMonitorProps } from './config/monitor-props.ts';
import { scanPlan } from './function/scan-plan.ts';
import { Scanner } from './function/scanner.ts';
import { type FleetNames, namesFor, partsOf } from './naming/names.ts';
import { packagedRunbooks } from './naming/packaged-runbooks.ts';
import { denyOtherEvents, findingsBus } from './resources/event-bus.ts';
import { encryptionKey, ledgerTable } from './resources/resources.ts';
import { denyOtherPublishers, monitorTopics } from './resources/topics.ts';
import { MonitorAlarms } from './watch/alarms.ts';
import { monitorDashboard } from './watch/dashboard.ts';
import { monitorMetrics } from './watch/metrics.ts';
import { SavedQueries } from './watch/saved-queries.ts';
import { longestParts } from './watch/tamper-patterns.ts';
import { TamperRules } from './watch/tamper-rules.ts';
import { WitnessFunction } from './witness/witness-function.ts';

/** The warning at synth about alarms that notify nobody. */
function alarmMailsWarning({ notify }: EnvironmentConfig) {
  if (notify.alarmMails) return [];
  return [
    {
      id: 'mwaa-privilege-monitor:no-alarm-mails',
      text: 'notify.alarmMails: false makes the mail of a finding the only notice of a privilege change: if somebody removes its subscription, or SNS cannot publish it, only the alarm undelivered and the notices about changes of the monitor tell',
    },
  ];
}

/** CloudFormation's limit: a name that only the deployment knows may be as long. */
const stackNameMax = 128;

/**
 * What an environment's file has given, and is checked; its tags and its boundary are the stack's.
 *
 * @internal
 */
interface CheckedMonitorProps {
  readonly config: EnvironmentConfig;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
  /** The fleet whose stack holds the saved queries. @default the monitor holds its own */
  readonly fleet?: FleetNames | undefined;
  /** The name of its dashboard. @default by the environment's name */
  readonly dashboardName?: string | undefined;
}

/**
 * Everything that watches one MWAA environment for changes of Airflow privileges.
 *
 * What people see is named by the environment; CloudFormation names all else, so that several
 * monitors fit into one stack. Under the id `Default` the logical ids are those of the stack
 * `MonitorStack-<name>` that this project deploys.
 */
export class MwaaPrivilegeMonitor extends Construct {
  /** The MWAA environment that is watched. */
  readonly environmentName: string;
  /** Gets every privilege change. Only the monitor itself may publish to it. */
  readonly findingsTopic: ITopic;
  /** Gets every privilege change as an event; undefined without `notify.eventBus`. */
  readonly eventBus: IEventBus | undefined;
  /** For Amazon Q Developer in chat applications; undefined without `notify.chat`. */
  readonly chatTopic: ITopic | undefined;
  /** Gets every alarm. */
  readonly alarmsTopic: ITopic;
  /** All alarms but the one for tests; see {@link alarm} for one of them. */
  readonly alarms: readonly Alarm[];
  readonly dashboard: Dashboard;
  /** What was read, seen and notified. */
  readonly ledgerTable: ITable;
  /** Reads the logs on a schedule. */
  readonly scannerFunction: IFunction;
  /** Encrypts topics, queues, table and the scanner's log: whoever reads the table needs it as well. */
  readonly encryptionKey: IKey;
  private readonly config: EnvironmentConfig;
  private readonly detections: Detection[];
  private readonly allAlarms: MonitorAlarms;
  private readonly savedQueries: SavedQueries | undefined;
  private plan: ScanPlan;
  private isSettled = false;

  /** @throws Error for a setting that breaks a rule, and for a second monitor of one environment */
  constructor(scope: Construct, id: string, props: MwaaPrivilegeMonitorProps);
  /** @internal */
  constructor(scope: Construct, id: string, props: CheckedMonitorProps);
  constructor(
    scope: Construct,
    id: string,
    props: MwaaPrivilegeMonitorProps | CheckedMonitorProps,
  ) {
    super(scope, id);
    const { config, detections, fleet, dashboardName } =
      'config' in props ? props : this.checked(props, loadDetections());
    const { mwaaEnvironment } = config;
    refuseTwin(this, mwaaEnvironment);
    const own = namesFor(mwaaEnvironment, partsOf(config));
    const names = {
      ...own,
      savedQuery: fleet?.savedQuery ?? own.savedQuery,
      dashboard: dashboardName ?? own.dashboard,
    };
    this.environmentName = mwaaEnvironment;
    this.config = config;
    this.detections = [...detections];
    this.plan = scanPlan(detections, config);

    const key = encryptionKey(this, names, config.kmsKeyArn);
    const { notify } = config;
    const { alarms: topic, findings, chat } = monitorTopics(this, { names, key, notify });
    for (const { id, text } of [...expiryWarnings(config), ...alarmMailsWarning(config)]) {
      Annotations.of(this).addWarningV2(id, text);
    }
    const ledger = ledgerTable(this, key);
    const plan = () => this.settledPlan();
    const bus = findingsBus(this, names, notify.eventBus);
    const scanner = new Scanner(this, 'Scanner', {
      ...{ config, plan, names, key, findings, ledger, bus, chat },
    });
    const witness =
      config.witness &&
      new WitnessFunction(this, 'Witness', {
        ...{ config, witness: config.witness, names, key, ledger },
        ...{ undeliveredTicks: scanner.undeliveredTicks, failedRuns: scanner.failedRuns },
      });
    denyOtherPublishers(findings, scanner.role);
    if (chat !== undefined) denyOtherPublishers(chat, scanner.role);
    if (bus !== undefined) denyOtherEvents(bus, scanner.role);
    const metrics = monitorMetrics(config, scanner);
    const alarms = new MonitorAlarms(this, 'Alarms', { config, names, metrics, topic });
    const { function: scanning, role, schedule, undeliveredTicks, failedRuns } = scanner;
    const stack = Stack.of(this);
    const idOf = ({ node }: Construct) => stack.getLogicalId(node.defaultChild as CfnElement);
    const ownBus = notify.eventBus === true ? { busName: names.prefix } : {};
    const topics = [...new Set<ITopic>([topic, findings, ...(chat ? [chat] : [])])];
    const longestStackName = Token.isUnresolved(stack.stackName)
      ? 'x'.repeat(stackNameMax)
      : stack.stackName;
    new TamperRules(this, 'Tampering', {
      longest: longestParts({ mwaaEnvironment, names, ...ownBus }, longestStackName, {
        scanner: idOf(scanning),
        role: idOf(role),
        schedule: idOf(schedule),
        table: idOf(ledger),
        queues: [undeliveredTicks, failedRuns].map(idOf),
        topics: topics.map((one) => (one instanceof Topic ? idOf(one) : one.topicName)),
        ...(witness && {
          witness: {
            function: idOf(witness.function),
            role: idOf(witness.role),
            schedule: idOf(witness.schedule),
          },
        }),
      }),
      parts: {
        ...{ mwaaEnvironment, names, ...ownBus },
        stackName: Aws.STACK_NAME,
        functionName: scanning.functionName,
        roleName: role.roleName,
        scheduleName: schedule.ruleName,
        tableName: ledger.tableName,
        keyId: key.keyId,
        queueNames: [undeliveredTicks.queueName, failedRuns.queueName],
        topicNames: topics.map(({ topicName }) => topicName),
        topicArns: topics.map(({ topicArn }) => topicArn),
        ...(witness && {
          witness: {
            functionName: witness.function.functionName,
            roleName: witness.role.roleName,
            scheduleName: witness.schedule.ruleName,
          },
        }),
      },
      topic,
      undelivered: undeliveredTicks,
      runbookBaseUrl: config.runbookBaseUrl,
    });
    const dashboard = monitorDashboard(this, {
      ...{ config, names, metrics, alarms },
      detections: () => this.settledPlan().detections,
      runbookBaseUrl: config.runbookBaseUrl,
    });
    if (fleet === undefined) {
      this.savedQueries = new SavedQueries(this, 'Queries', { detections, names });
    }

    this.output('AlarmTopicArn', topic.topicArn, 'Subscribe here to be notified of every alarm');
    this.output(
      'FindingsTopicArn',
      findings.topicArn,
      'Subscribe here to be notified of every privilege change',
    );
    if (chat !== undefined) {
      this.output(
        'ChatTopicArn',
        chat.topicArn,
        'For Amazon Q Developer in chat applications only',
      );
    }
    if (bus !== undefined) {
      this.output('EventBusArn', bus.eventBusArn, 'Rules here get every privilege change');
    }
    this.output('DashboardName', names.dashboard, 'CloudWatch dashboard');
    this.output(
      'DashboardUrl',
      `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards/dashboard/${names.dashboard}`,
      'The dashboard in the console (partition aws)',
    );
    this.output('ScannerFunctionName', scanning.functionName, 'Invoked by the schedule');
    this.output('ScannerLogGroup', names.scannerLogGroup, 'One JSON line for each decision');
    if (witness !== undefined) {
      this.output('WitnessFunctionName', witness.function.functionName, 'Asks Airflow itself');
      this.output('WitnessLogGroup', names.witnessLogGroup, 'What the second witness did');
      this.output('WitnessRoleName', witness.role.roleName, 'May call Airflow as Public');
      const { airflowVersion, snapshot, vpc } = config.witness ?? {};
      this.output('WitnessAirflowVersion', `${airflowVersion}`, 'Which REST API it expects');
      this.output('WitnessSnapshot', `${snapshot}`, 'Whether it reads users and roles');
      this.output('WitnessVpcId', vpc?.vpcId ?? 'none', 'From where it calls the web server');
    }
    this.output('LedgerTableName', ledger.tableName, 'What was read, seen and notified');
    this.output('TestAlarmName', names.alarms.test, 'Rings for `privilege-monitor send-test` only');
    this.output('UndeliveredTicksUrl', undeliveredTicks.queueUrl, 'Should stay empty');
    this.output('FailedRunsUrl', failedRuns.queueUrl, 'Should stay empty');
    this.output(
      'WatchedLogGroups',
      logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)).join(' '),
      'What is read',
    );

    this.findingsTopic = findings;
    this.eventBus = bus;
    this.chatTopic = chat;
    this.alarmsTopic = topic;
    this.allAlarms = alarms;
    this.alarms = alarms.shown;
    this.dashboard = dashboard;
    this.ledgerTable = ledger;
    this.scannerFunction = scanning;
    this.encryptionKey = key;
  }

  /**
   * One alarm, by its name in `docs/alarms.md`: `monitor.alarm('privilege-change-Task')`.
   *
   * @throws Error naming all alarms when there is no such one
   */
  alarm(name: string): Alarm {
    return this.allAlarms.get(name);
  }

  /**
   * Adds a detection of your own to this monitor: a file like those in `queries/`. Like theirs, its
   * lines are checked at once. Call it before the app is synthesized.
   *
   * @param file a path from the working directory, which is the app's root under the CDK CLI; the
   *   file's `runbook` is a path from there too, or names a runbook of this project
   * @throws Error for a file that breaks a rule, and when the app is being synthesized
   */
  addDetection(file: string): void {
    if (this.isSettled) {
      throw new InputError(
        `${this.node.path}: addDetection must be called before the app is synthesized, got ${JSON.stringify(file)}`,
      );
    }
    const detection = loadOwnDetection(file, this.detections);
    const plan = scanPlan([...this.detections, detection], this.config);
    this.savedQueries?.save(detection);
    this.detections.push(detection);
    this.plan = plan;
  }

  private settledPlan(): ScanPlan {
    this.isSettled = true;
    return this.plan;
  }

  private checked(
    props: MwaaPrivilegeMonitorProps,
    detections: readonly Detection[],
  ): CheckedMonitorProps {
    const { account, region } = Stack.of(this);
    const config = monitorConfig(props, `MwaaPrivilegeMonitor ${this.node.path}`, {
      ...(!Token.isUnresolved(account) && { account }),
      ...(!Token.isUnresolved(region) && { region }),
    });
    for (const [key, value] of Object.entries(config.tags)) Tags.of(this).add(key, value);
    const boundary = config.permissionsBoundary;
    if (boundary !== undefined) {
      const policy = ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', boundary);
      PermissionsBoundary.of(this).apply(policy);
    }
    const runbookBaseUrl = config.runbookBaseUrl ?? packagedRunbooks;
    return { config: { ...config, runbookBaseUrl }, detections };
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}

/** The monitors of each app. */
const monitorsOf = new WeakMap<IConstruct, Map<string, Construct[]>>();

/**
 * Two monitors of one environment would have the same names, and one could not be deployed.
 *
 * @throws InputError
 */
function refuseTwin(monitor: Construct, environmentName: string): void {
  const { root, path } = monitor.node;
  const monitors = monitorsOf.get(root) ?? new Map<string, Construct[]>();
  monitorsOf.set(root, monitors);
  const others = monitors.get(environmentName) ?? [];
  const twin = others.find((other) => isSamePlace(monitor, other));
  if (twin !== undefined) {
    throw new InputError(
      `MwaaPrivilegeMonitor ${path}: environmentName: must not be that of MwaaPrivilegeMonitor ${twin.node.path} in the same account and Region, got ${JSON.stringify(environmentName)}`,
    );
  }
  monitors.set(environmentName, [...others, monitor]);
}

/** Stages without an account and a Region of their own are deployed to different ones. */
function isSamePlace(one: Construct, other: Construct): boolean {
  const { account, region, environment } = Stack.of(one);
  if (environment !== Stack.of(other).environment) return false;
  const isKnown = !Token.isUnresolved(account) && !Token.isUnresolved(region);
  return isKnown || Stage.of(one) === Stage.of(other);
}
