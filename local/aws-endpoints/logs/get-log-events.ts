import { z } from 'zod';
import type { EventPosition, StoredEvent } from '../../insights-engine/engine-types.ts';
import { defineOperation } from '../protocol/operation.ts';
import { checkClass, eventPageInput, maxPageBytes, outputEvent } from './event-page.ts';
import { type EventToken, readToken, writeToken } from './event-token.ts';
import {
  checkLogStreams,
  chosenLogGroup,
  eventStoreOf,
  type LogsContext,
} from './existing-logs.ts';
import { logStreamNameSchema } from './log-names.ts';

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 *
 * `startTime` is inclusive, `endTime` exclusive. Pages are in order of time in both directions; a
 * token without further events is returned unchanged.
 */
export const getLogEvents = defineOperation(
  'GetLogEvents',
  'InvalidParameterException',
  z.object({ ...eventPageInput, logStreamName: logStreamNameSchema }),
  async (request, context: LogsContext) => {
    const { logStreamName, startTime = 0, endTime, limit, startFromHead = false } = request;
    const token = request.nextToken === undefined ? undefined : readToken(request.nextToken);
    const logGroup = await chosenLogGroup(request, context);
    await checkLogStreams(logGroup, [logStreamName], context);
    checkClass(logGroup, context);

    const descending = token ? token.direction === 'backward' : !startFromHead;
    const { events } = await eventStoreOf(context).readEvents({
      ...{ logGroup, logStreams: [logStreamName], descending },
      ...{ maxEvents: limit, maxBytes: maxPageBytes },
      ...(token && { after: token.from }),
      firstEpochMs: startTime,
      lastEpochMs: endTime === undefined ? Number.MAX_SAFE_INTEGER : endTime - 1,
      nowEpochMs: context.clock.nowEpochMs(),
    });
    const inOrder = descending ? events.toReversed() : events;
    return { events: inOrder.map(outputEvent), ...tokensAround(inOrder, token) };
  },
);

/** Before all events: sequences start at 1. */
const start: EventPosition = { timestamp: 0, ingestionTime: 0, sequence: 0 };

function tokensAround(events: readonly StoredEvent[], token: EventToken | undefined) {
  const tokens = (first: EventPosition, last: EventPosition) => ({
    nextForwardToken: writeToken({ direction: 'forward', from: last }),
    nextBackwardToken: writeToken({ direction: 'backward', from: first }),
  });
  const [first] = events;
  const last = events.at(-1);
  if (first !== undefined && last !== undefined) return tokens(first, last);
  if (token === undefined) return tokens(start, start);
  // Without further events, the opposite direction starts with the event that the token names.
  const { direction, from } = token;
  return direction === 'forward'
    ? tokens({ ...from, sequence: from.sequence + 1 }, from)
    : tokens(from, { ...from, sequence: Math.max(from.sequence - 1, 0) });
}
