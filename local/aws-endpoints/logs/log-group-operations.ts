import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import { checkLogGroup, eventStoreOf, type LogsContext, logGroupExists } from './existing-logs.ts';
import { logGroupNameSchema, logStreamNameSchema } from './log-names.ts';
import { alreadyExists } from './logs-errors.ts';

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
 *
 * Tags are accepted and dropped; the key is not checked.
 */
export const createLogGroup = defineOperation(
  'CreateLogGroup',
  'InvalidParameterException',
  z.object({
    logGroupName: logGroupNameSchema.regex(
      /^(?!aws\/)/,
      'a log group name does not start with aws/',
    ),
    kmsKeyId: z.string().max(256).optional(),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
    logGroupClass: z
      .enum(['STANDARD', 'INFREQUENT_ACCESS'], 'STANDARD or INFREQUENT_ACCESS here')
      .default('STANDARD'),
    deletionProtectionEnabled: z.boolean().default(false),
  }),
  async (
    { logGroupName, kmsKeyId, logGroupClass, deletionProtectionEnabled },
    context: LogsContext,
  ) => {
    if (await logGroupExists(logGroupName, context)) throw alreadyExists('log group');
    await eventStoreOf(context).createLogGroup(logGroupName, context.clock.nowEpochMs());
    context.logGroupSettings.set(logGroupName, {
      ...{ logGroupClass, deletionProtectionEnabled },
      ...(kmsKeyId !== undefined && { kmsKeyId }),
    });
    return {};
  },
);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html */
export const deleteLogGroup = defineOperation(
  'DeleteLogGroup',
  'InvalidParameterException',
  z.object({ logGroupName: logGroupNameSchema }),
  async ({ logGroupName }, context: LogsContext) => {
    await checkLogGroup(logGroupName, context);
    if (context.logGroupSettings.get(logGroupName)?.deletionProtectionEnabled) {
      throw new AwsError(
        'ValidationException',
        `Log group ${logGroupName} cannot be deleted while its deletion protection is enabled`,
      );
    }
    await eventStoreOf(context).deleteLogGroup(logGroupName);
    context.logGroupSettings.delete(logGroupName);
    return {};
  },
);

const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
] as const;

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 *
 * Expired events stay, as AWS keeps them for days: only PutLogEvents rejects such events, and
 * StartQuery a window that ends before them.
 */
export const putRetentionPolicy = defineOperation(
  'PutRetentionPolicy',
  'InvalidParameterException',
  z.object({
    logGroupName: logGroupNameSchema,
    retentionInDays: z.literal(retentionDays, `one of ${retentionDays.join(', ')}`),
  }),
  async ({ logGroupName, retentionInDays }, context: LogsContext) => {
    await checkLogGroup(logGroupName, context);
    const { logGroupSettings } = context;
    logGroupSettings.set(logGroupName, { ...logGroupSettings.get(logGroupName), retentionInDays });
    return {};
  },
);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const createLogStream = defineOperation(
  'CreateLogStream',
  'InvalidParameterException',
  z.object({ logGroupName: logGroupNameSchema, logStreamName: logStreamNameSchema }),
  async ({ logGroupName, logStreamName }, context: LogsContext) => {
    await checkLogGroup(logGroupName, context);
    const store = eventStoreOf(context);
    if (await store.hasLogStream(logGroupName, logStreamName)) throw alreadyExists('log stream');
    await store.createLogStream(logGroupName, logStreamName, context.clock.nowEpochMs());
    return {};
  },
);
