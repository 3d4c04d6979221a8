import { z } from 'zod';
import { dayMs, hourMs } from '../../../lambda/common/time.ts';
import { defineOperation } from '../protocol/operation.ts';
import {
  checkLogStreams,
  eventStoreOf,
  invalidParameter,
  type LogsContext,
  logGroupNameSchema,
  logStreamNameSchema,
  retainedFromEpochMs,
} from './existing-logs.ts';

/**
 * The limit for a batch and for one event: bytes of messages in UTF-8, plus an overhead per event.
 */
const maxBytes = 1_048_576;
const bytesPerEvent = 26;

/** How far events may be from now, and the first event from the last. */
const oldestMs = 14 * dayMs;
const newestMs = 2 * hourMs;
const maxSpanMs = dayMs;

const eventSchema = z.object({ timestamp: z.int().min(0), message: z.string().min(1) });

type InputLogEvent = z.output<typeof eventSchema>;

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 *
 * The sequence token and the entity are ignored, and no token is returned. Events are visible as
 * soon as this returns.
 */
export const putLogEvents = defineOperation(
  'PutLogEvents',
  'InvalidParameterException',
  z.object({
    logGroupName: logGroupNameSchema,
    logStreamName: logStreamNameSchema,
    logEvents: z.array(eventSchema).min(1).max(10_000),
  }),
  async ({ logGroupName, logStreamName, logEvents }, context: LogsContext) => {
    await checkLogStreams(logGroupName, [logStreamName], context);
    checkSizes(logEvents);
    checkOrder(logEvents);

    const nowEpochMs = context.clock.nowEpochMs();
    const oldestEpochMs = nowEpochMs - oldestMs;
    const tooOldEnd = countBefore(logEvents, oldestEpochMs);
    const tooNewStart = countBefore(logEvents, nowEpochMs + newestMs + 1);
    checkSpan(logEvents.slice(tooOldEnd, tooNewStart));

    const settings = context.logGroupSettings.get(logGroupName);
    const expiredEnd = countBefore(logEvents, retainedFromEpochMs(settings, nowEpochMs));
    const accepted = logEvents.slice(Math.max(tooOldEnd, expiredEnd), tooNewStart);
    await eventStoreOf(context).putEvents(
      accepted.map(({ timestamp, message }) => ({
        ...{ logGroup: logGroupName, logStream: logStreamName },
        ...{ timestamp, ingestionTime: nowEpochMs, message },
      })),
    );
    const rejectedLogEventsInfo = {
      ...(tooOldEnd > 0 && { tooOldLogEventEndIndex: tooOldEnd }),
      ...(expiredEnd > 0 && { expiredLogEventEndIndex: expiredEnd }),
      ...(tooNewStart < logEvents.length && { tooNewLogEventStartIndex: tooNewStart }),
    };
    return Object.keys(rejectedLogEventsInfo).length === 0 ? {} : { rejectedLogEventsInfo };
  },
);

function checkSizes(events: readonly InputLogEvent[]): void {
  let total = 0;
  for (const { message } of events) {
    const bytes = Buffer.byteLength(message) + bytesPerEvent;
    if (bytes > maxBytes) {
      throw invalidParameter(
        `Log event too large: ${bytes} bytes exceeds limit of ${maxBytes} (${bytesPerEvent} of them for the event itself)`,
      );
    }
    total += bytes;
  }
  if (total > maxBytes) {
    throw invalidParameter(`Upload too large: ${total} bytes exceeds limit of ${maxBytes}`);
  }
}

function checkOrder(events: readonly InputLogEvent[]): void {
  const isInOrder = events.every(
    ({ timestamp }, index) => timestamp >= (events[index - 1]?.timestamp ?? 0),
  );
  if (isInOrder) return;
  throw invalidParameter(
    'Log events in a single PutLogEvents request must be in chronological order.',
  );
}

function checkSpan(events: readonly InputLogEvent[]): void {
  const spanMs = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (spanMs <= maxSpanMs) return;
  throw invalidParameter(
    'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
  );
}

/** The number of events before a time; the events must be in order. */
function countBefore(events: readonly InputLogEvent[], epochMs: number): number {
  const first = events.findIndex(({ timestamp }) => timestamp >= epochMs);
  return first === -1 ? events.length : first;
}
