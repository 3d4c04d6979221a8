import type { LogType } from '../../lambda/log-types.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import type { Clock } from '../clock.ts';
import type { EndTimeReading } from '../insights-engine/end-time.ts';
import type { AwsPlace } from './aws-place.ts';
import type { StackOutputs } from './cloudformation/describe-stacks.ts';
import type { LogGroupSettings } from './logs/log-group-settings.ts';
import type { QueryFaultRule } from './logs/query-fault.ts';
import type { LogTypeConfiguration } from './mwaa/get-environment.ts';
import type { QueryEngine } from './query-engine.ts';
import type { Subscription } from './sns/list-subscriptions-by-topic.ts';

/** What the endpoints answer from, and how the world is that they stand for. */
export interface AwsEndpointsOptions {
  /** Log groups and events can be made, read and deleted where it is an EventStoreEngine. */
  readonly engine: QueryEngine;
  /**
   * The time that the answers live in.
   *
   * @default - the wall clock
   */
  readonly clock?: Clock;
  /**
   * A port on 127.0.0.1; 0 takes a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * What ARNs and `@log` name.
   *
   * @default - account 000000000000 in us-east-1
   */
  readonly place?: AwsPlace;
  /**
   * How far StartQuery's `endTime` reaches: AWS may do either.
   *
   * @default second
   */
  readonly endTime?: EndTimeReading;
  /**
   * Queries that StartQuery refuses, or that end as Failed.
   *
   * @default - none beside those that cannot be run
   */
  readonly queryFault?: QueryFaultRule;
  /**
   * Departures from what GetEnvironment derives from the log groups, by log type.
   *
   * @default - a type is enabled at INFO when its log group exists, disabled when it does not
   */
  readonly environmentLogging?: Readonly<Partial<Record<LogType, Partial<LogTypeConfiguration>>>>;
  /**
   * By name, what DescribeLogGroups says of a log group beyond what its events tell.
   *
   * @default - groups keep their events for ever, and have no key of their own
   */
  readonly logGroupSettings?: Readonly<Record<string, LogGroupSettings>>;
  /**
   * Topics that exist; Publish to another one is NotFound.
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
   * Alarms whose state can be set by hand. They begin in OK; nobody evaluates them here.
   *
   * @default - none
   */
  readonly alarms?: readonly MetricAlarm[];
  /**
   * By the ARN of a topic, why alarms cannot publish there, as their history says it.
   *
   * @default - they can publish to every topic
   */
  readonly brokenTopics?: ReadonlyMap<string, string>;
  /**
   * DynamoDB tables with the string keys `pk` and `sk`, in memory.
   *
   * @default - none, and DynamoDB is not answered
   */
  readonly tableNames?: readonly string[];
  /**
   * Told of an error of this program itself, which the client sees as InternalFailure.
   *
   * @default - written to the standard error stream
   */
  readonly onInternalError?: (error: unknown, operation: string) => void;
}
