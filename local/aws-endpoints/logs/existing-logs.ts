import { AwsError } from '../protocol/aws-error.ts';
import type { OperationContext } from '../protocol/operation.ts';
import type { LogGroupSettings } from './log-group-settings.ts';
import { invalidParameter, noSuchResource } from './logs-errors.ts';
import { type EventStoreEngine, isEventStoreEngine, type QueryEngine } from './query-engine.ts';

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
