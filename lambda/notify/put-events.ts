import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import { type Deadline, deadlineIn } from '../common/time.ts';
import { type FindingRecord, sentSeverity } from '../findings/finding-record.ts';
import { type FindingBusEvent, findingEvent, inRequests } from '../messages/finding-event.ts';
import type { Sender } from '../messages/subject.ts';
import type { PutResult, SideTarget } from './deliver-beside.ts';

/** A call without an answer must not use up the time of the others. */
const putMaxMs = 10_000;
/** A finding holds at most 250 kB of evidence. */
const loadedTogether = 10;

type EventShell = CallShell & { readonly events: EventBridgeClient };

/** The event bus: one event a finding. */
export function busTarget(
  shell: EventShell,
  eventBusArn: string,
  sender: Sender,
): SideTarget<FindingBusEvent> {
  const eventOf = (record: FindingRecord, linesMax?: number) =>
    findingEvent(record.finding, sender, {
      isUpdate: sentSeverity(record.bus) !== undefined,
      lookBack: record.initial === true,
      ...(linesMax !== undefined && { linesMax }),
    });
  return {
    side: 'bus',
    together: () => loadedTogether,
    compose: (records) =>
      records.map((record) => ({ records: [record], payload: eventOf(record) })),
    composeShort: ([record]) => {
      if (record === undefined) throw new RangeError('an event needs a finding, got none');
      return eventOf(record, 0);
    },
    requests: (messages) => inRequests(messages, ({ payload }) => payload),
    put: (events, deadline) => putEvents(shell, eventBusArn, events, deadline),
  };
}

/**
 * One call of PutEvents, which may take some of the events and not the others.
 *
 * @param events at most ten
 * @returns a result for each event, in their order
 * @throws the call's own error, or DeadlineError when it was throttled until the deadline
 */
export async function putEvents(
  shell: EventShell,
  eventBusArn: string,
  events: readonly FindingBusEvent[],
  deadline: Deadline,
): Promise<PutResult[]> {
  const entries = events.map(
    (event): PutEventsRequestEntry => ({ ...event, EventBusName: eventBusArn }),
  );
  const command = new PutEventsCommand({ Entries: entries });
  const { Entries = [] } = await callAws(
    'PutEvents',
    (options) => shell.events.send(command, options),
    shell,
    deadlineIn(shell.timer, Math.min(putMaxMs, deadline.remainingMs())),
    // What may be on the bus already waits for the next tick.
    0,
  );
  return events.map((_event, at) => {
    const { EventId, ErrorCode } = Entries[at] ?? {};
    // An entry without a code was taken; without an answer, nobody knows.
    const isTaken = ErrorCode === undefined && EventId !== undefined;
    return isTaken ? { messageId: EventId } : { error: ErrorCode ?? 'no answer' };
  });
}
