import type { LogType } from '../../lambda/model/log-types.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import type { AwsPlace } from '../aws-place.ts';
import type { Clock } from '../clock.ts';
import type { EndTimeReading } from '../insights-engine/end-time.ts';
import type { LogGroupSettings } from './logs/log-group-settings.ts';
import type { QueryEngine } from './logs/query-engine.ts';
import type { QueryFaultRule } from './logs/query-fault.ts';
import type { StackOutputs } from './services/describe-stacks.ts';
import type { LogTypeConfiguration } from './services/get-environment.ts';
import type { Subscription } from './services/list-subscriptions-by-topic.ts';

/** The data that the endpoints serve, and the state of the AWS account that they imitate. */
export interface AwsEndpointsOptions {
  /** An EventStoreEngine also lets clients create, read and delete log groups and events. */
  readonly engine: QueryEngine;
  /**
   * The current time in answers.
   *
   * @default - the wall clock
   */
  readonly clock?: Clock;
  /**
   * A port on 127.0.0.1; 0 picks a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The account and Region in ARNs and `@log`.
   *
   * @default - account 000000000000 in us-east-1
   */
  readonly place?: AwsPlace;
  /**
   * How far StartQuery's `endTime` reaches: AWS may read it either way.
   *
   * @default second
   */
  readonly endTime?: EndTimeReading;
  /**
   * Queries that StartQuery rejects, or that end as Failed.
   *
   * @default - only queries that the engine cannot run
   */
  readonly queryFault?: QueryFaultRule;
  /**
   * Overrides, by log type, of what GetEnvironment derives from the log groups.
   *
   * @default - a type is enabled at INFO when its log group exists, disabled when it does not
   */
  readonly environmentLogging?: Readonly<Partial<Record<LogType, Partial<LogTypeConfiguration>>>>;
  /**
   * Settings that DescribeLogGroups reports, by log group name.
   *
   * @default - events never expire, and no group has a key of its own
   */
  readonly logGroupSettings?: Readonly<Record<string, LogGroupSettings>>;
  /**
   * Topics that exist; Publish to any other topic is NotFound.
   *
   * @default - every topic exists
   */
  readonly topicArns?: readonly string[];
  /** @default - no topic has any */
  readonly subscriptions?: readonly Subscription[];
  /**
   * Stacks that DescribeStacks knows.
   *
   * @default - none
   */
  readonly stacks?: StackOutputs;
  /**
   * Alarms whose state SetAlarmState can set. They start in OK and are not evaluated here.
   *
   * @default - none
   */
  readonly alarms?: readonly MetricAlarm[];
  /**
   * By topic ARN, the error in the alarm history when an alarm cannot publish there.
   *
   * @default - they can publish to every topic
   */
  readonly brokenTopics?: ReadonlyMap<string, string>;
  /**
   * DynamoDB tables with the string keys `pk` and `sk`, in memory.
   *
   * @default - none, and DynamoDB requests are not answered
   */
  readonly tableNames?: readonly string[];
  /**
   * Called for an internal error, which the client sees as InternalFailure.
   *
   * @default - written to the standard error stream
   */
  readonly onInternalError?: (error: unknown, operation: string) => void;
}
