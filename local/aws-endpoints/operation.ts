import type { z } from 'zod';
import type { LogType } from '../../lambda/log-types.ts';
import { describeIssues } from '../../lambda/schema-issues.ts';
import type { AlarmBook } from '../alarms/alarm-book.ts';
import type { Clock } from '../clock.ts';
import type { EndTimeReading } from '../insights-engine/end-time.ts';
import { AwsError } from './aws-error.ts';
import type { AwsPlace } from './aws-place.ts';
import type { StackOutputs } from './cloudformation/describe-stacks.ts';
import type { MetricRecorder } from './cloudwatch/metric-recorder.ts';
import type { DynamoTables } from './dynamodb/dynamo-tables.ts';
import type { LogGroupSettings } from './logs/log-group-settings.ts';
import type { QueryFaultRule } from './logs/query-fault.ts';
import type { QueryStore } from './logs/query-store.ts';
import type { LogTypeConfiguration } from './mwaa/get-environment.ts';
import type { QueryEngine } from './query-engine.ts';
import type { Subscription } from './sns/list-subscriptions-by-topic.ts';
import type { NotificationRecorder } from './sns/notification-recorder.ts';

/** What operations work on. */
export interface EndpointContext {
  readonly engine: QueryEngine;
  readonly clock: Clock;
  readonly place: AwsPlace;
  readonly environmentLogging: Readonly<Partial<Record<LogType, Partial<LogTypeConfiguration>>>>;
  /** By the names of the groups; what the operations set is here, too. */
  readonly logGroupSettings: Map<string, LogGroupSettings>;
  /** Undefined when every topic exists. */
  readonly topicArns: ReadonlySet<string> | undefined;
  readonly endTime: EndTimeReading;
  readonly queryFault: QueryFaultRule;
  readonly queries: QueryStore;
  readonly metrics: MetricRecorder;
  readonly notifications: NotificationRecorder;
  readonly subscriptions: readonly Subscription[];
  readonly stacks: StackOutputs;
  readonly alarms: AlarmBook;
  /** Undefined when there are none. */
  readonly tables: DynamoTables | undefined;
  readonly onInternalError: (error: unknown, operation: string) => void;
}

/** One operation of an AWS service, from its decoded input to its output before encoding. */
export interface Operation {
  readonly name: string;
  /** @throws AwsError, also for input that breaks a rule */
  call(input: unknown, context: EndpointContext): Promise<object>;
}

/**
 * @param invalidInputCode the error code that this service has for input that breaks a rule
 */
export function defineOperation<Schema extends z.ZodType>(
  name: string,
  invalidInputCode: string,
  schema: Schema,
  run: (input: z.output<Schema>, context: EndpointContext) => object | Promise<object>,
): Operation {
  return {
    name,
    async call(input, context) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) {
        throw new AwsError(invalidInputCode, describeIssues(parsed.error, input));
      }
      return await run(parsed.data, context);
    },
  };
}

/** Finds an operation by name, or names those that there are. */
export function findOperation(
  operations: readonly Operation[],
  name: string,
  service: string,
): Operation {
  const found = operations.find((operation) => operation.name === name);
  if (found) return found;
  const supported = operations.map((operation) => operation.name).join(', ');
  throw new AwsError(
    'UnknownOperationException',
    `${service} ${name || 'without an operation'} is not answered here; supported: ${supported}`,
  );
}

/**
 * Calls an operation so that nothing but an {@link AwsError} comes out.
 *
 * A bug of ours is reported and answered as InternalFailure with status 400: clients repeat a 500,
 * and a bug does not go away by repeating.
 */
export async function callOperation(
  operation: Operation,
  input: unknown,
  context: EndpointContext,
): Promise<object> {
  try {
    return await operation.call(input, context);
  } catch (error) {
    if (error instanceof AwsError) throw error;
    context.onInternalError(error, operation.name);
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('InternalFailure', `${operation.name} failed: ${reason}`, { cause: error });
  }
}
