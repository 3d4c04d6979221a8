import { z } from 'zod';
import { defineOperation } from '../protocol/operation.ts';
import { checkClass, eventPageInput, maxPageBytes, outputEvent } from './event-page.ts';
import { readToken, writeToken } from './event-token.ts';
import {
  checkLogStreams,
  chosenLogGroup,
  eventStoreOf,
  type LogsContext,
} from './existing-logs.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { logStreamNameSchema } from './log-names.ts';
import { invalidParameter } from './logs-errors.ts';

const input = z.object({
  ...eventPageInput,
  logStreamNames: z.array(logStreamNameSchema).min(1).max(100).optional(),
  logStreamNamePrefix: logStreamNameSchema.optional(),
  filterPattern: z.string().max(1024).default(''),
});

/** The earliest startTime with which AWS lists the newest events first. */
const newestFirstFromEpochMs = Date.UTC(2024, 0, 1);

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 *
 * The time range includes both ends. A page is empty only when no events follow.
 */
export const filterLogEvents = defineOperation(
  'FilterLogEvents',
  'InvalidParameterException',
  input,
  async (request, context: LogsContext) => {
    const { logStreamNames, logStreamNamePrefix, startTime = 0, endTime, limit } = request;
    if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
      throw invalidParameter('logStreamNames and logStreamNamePrefix cannot both be given');
    }
    if (endTime !== undefined && endTime < startTime) {
      throw invalidParameter(`endTime ${endTime} is before startTime ${startTime}`);
    }
    if (request.startFromHead === false && startTime < newestFirstFromEpochMs) {
      throw invalidParameter(
        `startFromHead can be false only when startTime is on or after 2024-01-01 (${newestFirstFromEpochMs}), got ${startTime}`,
      );
    }
    const terms = readFilterPattern(request.filterPattern);
    const token = request.nextToken === undefined ? undefined : readToken(request.nextToken);
    const logGroup = await chosenLogGroup(request, context);
    await checkLogStreams(logGroup, logStreamNames ?? [], context);
    checkClass(logGroup, context);

    const descending = token ? token.direction === 'backward' : request.startFromHead === false;
    const { events, hasMore } = await eventStoreOf(context).readEvents({
      ...{ logGroup, terms, descending, maxEvents: limit, maxBytes: maxPageBytes },
      ...(logStreamNames && { logStreams: logStreamNames }),
      ...(logStreamNamePrefix !== undefined && { logStreamPrefix: logStreamNamePrefix }),
      ...(token && { after: token.from }),
      firstEpochMs: startTime,
      lastEpochMs: endTime ?? Number.MAX_SAFE_INTEGER,
      nowEpochMs: context.clock.nowEpochMs(),
    });
    const last = events.at(-1);
    const direction = descending ? 'backward' : 'forward';
    return {
      events: events.map((event) => ({
        logStreamName: event.logStream,
        ...outputEvent(event),
        // Unique in a group, and as long as AWS's ids.
        eventId: String(event.sequence).padStart(56, '0'),
      })),
      searchedLogStreams: [],
      ...(hasMore && last && { nextToken: writeToken({ direction, from: last }) }),
    };
  },
);
