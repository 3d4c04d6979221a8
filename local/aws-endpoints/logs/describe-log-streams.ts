import { z } from 'zod';
import type { LogStreamInfo } from '../../insights-engine/engine-types.ts';
import { logGroupArn } from '../aws-place.ts';
import { defineOperation } from '../operation.ts';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-group-name.ts';
import { invalidParameter, noSuchLogGroup } from './logs-errors.ts';
import { pageOf } from './page.ts';

const input = z.object({
  logGroupName: logGroupNameSchema.optional(),
  logGroupIdentifier: logGroupIdentifierSchema.optional(),
  logStreamNamePrefix: z.string().min(1).max(512).optional(),
  orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
  descending: z.boolean().default(false),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().min(1).optional(),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const describeLogStreams = defineOperation(
  'DescribeLogStreams',
  'InvalidParameterException',
  input,
  async (request, { engine, place }) => {
    const { logStreamNamePrefix: prefix, orderBy } = request;
    const logGroup = request.logGroupName ?? request.logGroupIdentifier;
    if (logGroup === undefined || (request.logGroupName && request.logGroupIdentifier)) {
      throw invalidParameter('exactly one of logGroupName and logGroupIdentifier must be given');
    }
    if (prefix !== undefined && orderBy === 'LastEventTime') {
      throw invalidParameter(
        'streams cannot be ordered by LastEventTime when logStreamNamePrefix is given',
      );
    }
    const exists = (await engine.logGroups()).some((group) => group.logGroup === logGroup);
    if (!exists) throw noSuchLogGroup(logGroup, place.accountId);

    const ascending = (await engine.logStreams(logGroup))
      .filter(({ logStream }) => prefix === undefined || logStream.startsWith(prefix))
      .sort(orderBy === 'LastEventTime' ? byLastEvent : byName);
    const ordered = request.descending ? ascending.reverse() : ascending;

    const page = pageOf(ordered, request.limit, request.nextToken);
    return {
      logStreams: page.items.map((stream) => ({
        logStreamName: stream.logStream,
        creationTime: stream.firstEventEpochMs,
        firstEventTimestamp: stream.firstEventEpochMs,
        lastEventTimestamp: stream.lastEventEpochMs,
        lastIngestionTime: stream.lastIngestionEpochMs,
        arn: `${logGroupArn(place, logGroup)}:log-stream:${stream.logStream}`,
        storedBytes: stream.storedBytes,
      })),
      ...page.next,
    };
  },
);

function byName(a: LogStreamInfo, b: LogStreamInfo): number {
  return a.logStream < b.logStream ? -1 : 1;
}

function byLastEvent(a: LogStreamInfo, b: LogStreamInfo): number {
  return a.lastEventEpochMs - b.lastEventEpochMs || byName(a, b);
}
