import { z } from 'zod';
import { dayMs } from '../../../lambda/common/time.ts';
import { AwsError, type OperationContext } from '../protocol/operation.ts';
import { type EventStoreEngine, isEventStoreEngine, type QueryEngine } from './query-engine.ts';

/** The message ends with the offsets, too, for clients that read only the message. */
export function malformedQuery(
  message: string,
  { start, end }: { start: number; end: number },
  cause?: unknown,
): AwsError {
  return new AwsError('MalformedQueryException', `${message} ([${start},${end}])`, {
    cause,
    details: {
      queryCompileError: { location: { startCharOffset: start, endCharOffset: end }, message },
    },
  });
}

export function noSuchLogGroup(logGroup: string, accountId: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Log group '${logGroup}' does not exist for account ID '${accountId}'`,
  );
}

/** CloudWatch Logs' wording when a group or stream is named by its own parameter. */
function noSuchResource(kind: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified ${kind} does not exist.`);
}

export function alreadyExists(kind: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified ${kind} already exists`);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** Settings of a log group. */
export interface LogGroupSettings {
  /** @default - events never expire */
  readonly retentionInDays?: number;
  /** ARN of a customer managed key. @default - encrypted by CloudWatch Logs itself */
  readonly kmsKeyId?: string;
  /** @default STANDARD */
  readonly logGroupClass?: 'STANDARD' | 'INFREQUENT_ACCESS';
  /** Whether DeleteLogGroup is rejected. @default false */
  readonly deletionProtectionEnabled?: boolean;
}

/** Events before this time have expired. */
export function retainedFromEpochMs(
  settings: LogGroupSettings | undefined,
  nowEpochMs: number,
): number {
  const { retentionInDays } = settings ?? {};
  return retentionInDays === undefined ? 0 : nowEpochMs - retentionInDays * dayMs;
}

export interface LogsContext extends OperationContext {
  readonly engine: QueryEngine;
  /** By log group name; the operations change it. */
  readonly logGroupSettings: Map<string, LogGroupSettings>;
}

/** @throws AwsError when the engine only answers queries */
export function eventStoreOf({ engine }: LogsContext): EventStoreEngine {
  if (isEventStoreEngine(engine)) return engine;
  throw new AwsError(
    'UnknownOperationException',
    'the engine of these endpoints only answers queries',
  );
}

export async function logGroupExists(name: string, { engine }: LogsContext): Promise<boolean> {
  return (await engine.logGroups()).some(({ logGroup }) => logGroup === name);
}

/** @throws AwsError when the group does not exist */
export async function checkLogGroup(name: string, context: LogsContext): Promise<void> {
  if (!(await logGroupExists(name, context))) throw noSuchResource('log group');
}

/** @throws AwsError when the group or one of its streams does not exist */
export async function checkLogStreams(
  logGroup: string,
  logStreams: readonly string[],
  context: LogsContext,
): Promise<void> {
  await checkLogGroup(logGroup, context);
  const store = eventStoreOf(context);
  for (const logStream of logStreams) {
    if (!(await store.hasLogStream(logGroup, logStream))) throw noSuchResource('log stream');
  }
}

/**
 * The group that a request names by logGroupName or logGroupIdentifier.
 *
 * @throws AwsError when both or neither are given, and when the group does not exist
 */
export async function chosenLogGroup(
  request: {
    readonly logGroupName?: string | undefined;
    readonly logGroupIdentifier?: string | undefined;
  },
  context: LogsContext,
): Promise<string> {
  const { logGroupName, logGroupIdentifier } = request;
  const logGroup = logGroupName ?? logGroupIdentifier;
  if (logGroup === undefined || (logGroupName !== undefined && logGroupIdentifier !== undefined)) {
    throw invalidParameter('exactly one of logGroupName and logGroupIdentifier must be given');
  }
  await checkLogGroup(logGroup, context);
  return logGroup;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
export const logGroupNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[-._/#A-Za-z0-9]+$/, 'a log group name contains only letters, digits and . - _ / #');

const identifierPattern = /^[\w#+=/:,.@-]*$/;

/**
 * A log group's name or ARN, as StartQuery accepts it; the ARN must not end in `:*`
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html).
 * Parses to the name.
 */
export const logGroupIdentifierSchema = z
  .string()
  .min(1)
  .max(2048)
  .regex(identifierPattern, 'a name, or an ARN that does not end with :*')
  .transform((identifier) => identifier.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, ''));

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const logStreamNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^:*]*$/, 'a log stream name contains no : and no *');
