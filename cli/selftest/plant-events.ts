import { type InputLogEvent, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logTypes } from '../../lambda/model/log-types.ts';
import { UserError } from '../shared/user-error.ts';
import { callLogs, type SelftestShell } from './call-logs.ts';
import type { PlantedEvent } from './planted-events.ts';
import { type ScratchGroups, scratchStream } from './scratch-groups.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const batchEventsMax = 10_000;
const batchBytesMax = 1_048_576;
const bytesPerEvent = 26;

/** An event's size as AWS counts and bills it. */
export function ingestedBytes({ message }: Pick<PlantedEvent, 'message'>): number {
  return Buffer.byteLength(message) + bytesPerEvent;
}

/** Splits events into batches within PutLogEvents' limits, in order. */
export function batchesOf(events: readonly PlantedEvent[]): PlantedEvent[][] {
  const batches: PlantedEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const size = ingestedBytes(event);
    const last = batches.at(-1);
    if (last === undefined || last.length >= batchEventsMax || bytes + size > batchBytesMax) {
      batches.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return batches;
}

/**
 * Puts events into their log groups.
 *
 * @param events in the order of time, none in the future
 * @throws UserError when AWS rejects some of them
 */
export async function plantEvents(
  shell: SelftestShell,
  scratch: Pick<ScratchGroups, 'nameOf'>,
  events: readonly PlantedEvent[],
): Promise<void> {
  for (const logType of logTypes) {
    const logGroupName = scratch.nameOf(logType);
    for (const batch of batchesOf(events.filter((event) => event.logType === logType))) {
      const logEvents: InputLogEvent[] = batch.map(({ timestamp, message }) => ({
        timestamp,
        message,
      }));
      const command = new PutLogEventsCommand({
        ...{ logGroupName, logStreamName: scratchStream, logEvents },
      });
      const { rejectedLogEventsInfo } = await callLogs(shell, {
        operation: 'PutLogEvents',
        doing: `putting ${batch.length} events into ${logGroupName}`,
        isOfNewGroup: true,
        send: (options) => shell.logs.send(command, options),
      });
      if (rejectedLogEventsInfo !== undefined) {
        throw new UserError(
          `AWS rejected events for ${logGroupName}: ${JSON.stringify(rejectedLogEventsInfo)}`,
        );
      }
    }
  }
}
