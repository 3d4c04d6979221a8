import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { type FindingEvent, findingEventSchema } from '../../../lambda/model/finding.ts';
import { serviceError } from './service-error.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const entriesMax = 10;
/** The oldest documented limit of a request, which each entry counts against. */
const requestBytesMax = 262_144;

/**
 * Takes the events of one request, but for the first few where it fails: EventBridge answers with a code
 * for each of those, and the request itself succeeds.
 */
export function putOnBus(
  taken: FindingEvent[],
  { Entries = [] }: PutEventsCommandInput,
  { failedMax }: { readonly failedMax: number },
): Pick<PutEventsCommandOutput, 'Entries' | 'FailedEntryCount'> {
  const bytes = Entries.reduce(
    (sum, { Source = '', DetailType = '', Detail = '' }) =>
      sum + Buffer.byteLength(Source + DetailType + Detail),
    0,
  );
  if (Entries.length === 0 || Entries.length > entriesMax || bytes > requestBytesMax) {
    throw serviceError('ValidationException', `${Entries.length} entries of ${bytes} bytes`);
  }
  const failed = Math.min(failedMax, Entries.length);
  const results = Entries.map(({ Detail = '' }, at) => {
    if (at < failed) return { ErrorCode: 'InternalFailure', ErrorMessage: 'internal' };
    taken.push(findingEventSchema.parse(JSON.parse(Detail)));
    return { EventId: `event-${taken.length}` };
  });
  return { FailedEntryCount: failed, Entries: results };
}
