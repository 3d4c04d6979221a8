import { z } from 'zod';
import type { StoredEvent } from '../../insights-engine/engine-types.ts';
import type { LogsContext } from './existing-logs.ts';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-names.ts';
import { invalidParameter } from './logs-errors.ts';

/** Input that FilterLogEvents and GetLogEvents share. */
export const eventPageInput = {
  logGroupName: logGroupNameSchema.optional(),
  logGroupIdentifier: logGroupIdentifierSchema.optional(),
  /** Epoch milliseconds. */
  startTime: z.int().min(0).optional(),
  endTime: z.int().min(0).optional(),
  nextToken: z.string().min(1).optional(),
  limit: z.int().min(1).max(10_000).default(10_000),
  startFromHead: z.boolean().optional(),
};

/** Maximum bytes of messages in one response. */
export const maxPageBytes = 1_048_576;

/**
 * @throws AwsError unless the class is STANDARD: AWS supports both operations for that class only
 */
export function checkClass(logGroup: string, { logGroupSettings }: LogsContext): void {
  const logGroupClass = logGroupSettings.get(logGroup)?.logGroupClass ?? 'STANDARD';
  if (logGroupClass === 'STANDARD') return;
  throw invalidParameter(`events of a log group of class ${logGroupClass} cannot be listed`);
}

export function outputEvent({ timestamp, ingestionTime, message }: StoredEvent) {
  return { timestamp, message, ingestionTime };
}
