import type { Finding, FindingEvent, PublishedTest } from '../model/finding.ts';
import { linesMaxOf, publishedFinding } from './notification.ts';
import { bytesOf, messageBytesMax, type Sender } from './subject.ts';

/** What rules on the bus match. */
export const eventSource = 'mwaa-privilege-monitor';
export const findingDetailType = 'MWAA Privilege Finding';

/** An event without the bus that it goes to. */
export interface FindingBusEvent {
  readonly Source: typeof eventSource;
  readonly DetailType: typeof findingDetailType;
  /** {@link FindingEvent} as JSON. */
  readonly Detail: string;
}

/** What every event takes beside its detail. */
const fixedBytes = bytesOf(eventSource) + bytesOf(findingDetailType);

/**
 * The event about one finding. Evidence is left out, with a note of how much, until the event fits into
 * one request.
 *
 * @param about.isUpdate whether the bus had the finding before
 * @param about.lookBack whether it happened before the monitor's first scan
 * @param about.linesMax lines of evidence at most
 */
export function findingEvent(
  finding: Finding,
  sender: Sender,
  {
    isUpdate = false,
    lookBack = false,
    linesMax = linesMaxOf(finding),
  }: { readonly isUpdate?: boolean; readonly lookBack?: boolean; readonly linesMax?: number } = {},
): FindingBusEvent {
  let lines = Math.min(finding.evidence.length, linesMax);
  const event = () =>
    eventOf({
      ...publishedFinding(finding, sender, { lines, update: isUpdate }),
      ...(lookBack ? { lookBack } : {}),
    });
  let made = event();
  while (lines > 0 && eventBytes(made) > messageBytesMax) {
    lines = Math.floor(lines / 2);
    made = event();
  }
  return made;
}

export function eventOf(detail: FindingEvent | PublishedTest): FindingBusEvent {
  return {
    Source: eventSource,
    DetailType: findingDetailType,
    Detail: JSON.stringify(detail),
  };
}

/**
 * The size of an event as EventBridge counts it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
export function eventBytes({ Detail }: Pick<FindingBusEvent, 'Detail'>): number {
  return fixedBytes + bytesOf(Detail);
}

/** Events of one request. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const entriesMax = 10;

/**
 * Divides events into requests: at most ten in each, and at most as many bytes together as one event may
 * have, which every edition of AWS's limits allows. An event that is larger by itself gets a request of its
 * own.
 */
export function inRequests<T>(
  events: readonly T[],
  eventIn: (one: T) => Pick<FindingBusEvent, 'Detail'>,
): T[][] {
  const requests: T[][] = [];
  let bytes = 0;
  for (const one of events) {
    const size = eventBytes(eventIn(one));
    const last = requests.at(-1);
    if (last === undefined || last.length === entriesMax || bytes + size > messageBytesMax) {
      requests.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return requests;
}
