import { z } from 'zod';
import { logGroupArn } from '../../aws-place.ts';
import type { LogStreamInfo } from '../../insights-engine/engine-types.ts';
import { defineOperation } from '../protocol/operation.ts';
import { chosenLogGroup, type LogsContext } from './existing-logs.ts';
import { logGroupIdentifierSchema, logGroupNameSchema, logStreamNameSchema } from './log-names.ts';
import { invalidParameter } from './logs-errors.ts';
import { pageOf } from './page.ts';

const input = z.object({
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
  input,
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
