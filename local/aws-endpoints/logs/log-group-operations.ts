import { z } from 'zod';
import { logGroupArn } from '../../aws-place.ts';
import type { LogStreamInfo } from '../../insights-engine/engine-types.ts';
import { AwsError, defineOperation } from '../protocol/operation.ts';
import {
  alreadyExists,
  checkLogGroup,
  chosenLogGroup,
  eventStoreOf,
  invalidParameter,
  type LogGroupSettings,
  type LogsContext,
  logGroupExists,
  logGroupIdentifierSchema,
  logGroupNameSchema,
  logStreamNameSchema,
} from './existing-logs.ts';

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

interface Page<Item> {
  readonly items: readonly Item[];
  /** `{ nextToken }` when there are more items, to spread into a response. */
  readonly next: { readonly nextToken?: string };
}

/**
 * One page of a list; its token is the number of items before the next page.
 *
 * @throws AwsError for a token that this function did not return
 */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  nextToken?: string,
): Page<Item> {
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start) || start < 0) {
    throw invalidParameter(`the nextToken ${nextToken} is not valid`);
  }
  const end = start + limit;
  return {
    items: items.slice(start, end),
    next: end < items.length ? { nextToken: String(end) } : {},
  };
}

const input = z.object({
  logGroupNamePrefix: logGroupNameSchema.optional(),
  logGroupNamePattern: z.union([logGroupNameSchema, z.literal('')]).optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY', 'ESSENTIALS']).optional(),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().min(1).optional(),
});

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 *
 * There are no other accounts; includeLinkedAccounts and accountIdentifiers are ignored.
 */
export const describeLogGroups = defineOperation(
  'DescribeLogGroups',
  'InvalidParameterException',
  input,
  async (request, { engine, place, logGroupSettings }: LogsContext) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = request;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter('logGroupNamePrefix and logGroupNamePattern cannot both be given');
    }
    const { logGroupIdentifiers: names, logGroupClass } = request;
    if (names !== undefined && [prefix, pattern, logGroupClass].some((it) => it !== undefined)) {
      throw invalidParameter('logGroupIdentifiers cannot be given with another filter');
    }
    const groups = (await engine.logGroups())
      .filter(({ logGroup }) => prefix === undefined || logGroup.startsWith(prefix))
      .filter(({ logGroup }) => pattern === undefined || logGroup.includes(pattern))
      .filter(({ logGroup }) => names?.includes(logGroup) ?? true)
      .filter(({ logGroup }) => isOfClass(logGroupSettings.get(logGroup), logGroupClass))
      .sort((a, b) => (a.logGroup < b.logGroup ? -1 : 1));

    const page = pageOf(groups, request.limit, request.nextToken);
    return {
      logGroups: page.items.map(({ logGroup, createdEpochMs, storedBytes }) => ({
        logGroupName: logGroup,
        creationTime: createdEpochMs,
        arn: `${logGroupArn(place, logGroup)}:*`,
        // AWS: with a pattern, the response contains only the three members above.
        ...(pattern === undefined && {
          metricFilterCount: 0,
          logGroupArn: logGroupArn(place, logGroup),
          storedBytes,
          logGroupClass: 'STANDARD',
          ...logGroupSettings.get(logGroup),
        }),
      })),
      ...page.next,
    };
  },
);

/** Maps the two names of the cheaper class, as AWS does: ESSENTIALS selects INFREQUENT_ACCESS. */
function isOfClass(settings: LogGroupSettings | undefined, asked: string | undefined): boolean {
  const { logGroupClass = 'STANDARD' } = settings ?? {};
  if (asked === undefined) return true;
  return asked === 'ESSENTIALS' ? logGroupClass === 'INFREQUENT_ACCESS' : logGroupClass === asked;
}

const streamsInput = z.object({
  logGroupName: logGroupNameSchema.optional(),
  logGroupIdentifier: logGroupIdentifierSchema.optional(),
  logStreamNamePrefix: logStreamNameSchema.optional(),
  orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
  descending: z.boolean().default(false),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().min(1).optional(),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const describeLogStreams = defineOperation(
  'DescribeLogStreams',
  'InvalidParameterException',
  streamsInput,
  async (request, context: LogsContext) => {
    const { engine, place } = context;
    const { logStreamNamePrefix: prefix, orderBy } = request;
    if (prefix !== undefined && orderBy === 'LastEventTime') {
      throw invalidParameter(
        'streams cannot be ordered by LastEventTime when logStreamNamePrefix is given',
      );
    }
    const logGroup = await chosenLogGroup(request, context);

    const ascending = (await engine.logStreams(logGroup))
      .filter(({ logStream }) => prefix === undefined || logStream.startsWith(prefix))
      .sort(orderBy === 'LastEventTime' ? byLastEvent : byName);
    const ordered = request.descending ? ascending.reverse() : ascending;

    const page = pageOf(ordered, request.limit, request.nextToken);
    return {
      logStreams: page.items.map((stream) => ({
        logStreamName: stream.logStream,
        creationTime: stream.createdEpochMs,
        firstEventTimestamp: stream.firstEventEpochMs,
        lastEventTimestamp: stream.lastEventEpochMs,
        lastIngestionTime: stream.lastIngestionEpochMs,
        arn: `${logGroupArn(place, logGroup)}:log-stream:${stream.logStream}`,
        // AWS no longer reports it for streams: it is always zero.
        storedBytes: 0,
      })),
      ...page.next,
    };
  },
);

function byName(a: LogStreamInfo, b: LogStreamInfo): number {
  return a.logStream < b.logStream ? -1 : 1;
}

function byLastEvent(a: LogStreamInfo, b: LogStreamInfo): number {
  return (a.lastEventEpochMs ?? 0) - (b.lastEventEpochMs ?? 0) || byName(a, b);
}
