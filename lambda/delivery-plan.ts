import type { FindingRecord } from './findings/finding-record.ts';
import { planNotifications } from './notify/digest.ts';

/** One message to the findings topic, and the findings that it tells of. */
export interface PlannedMessage {
  /** At least one. */
  readonly records: readonly FindingRecord[];
  readonly isDigest: boolean;
  /** SNS refused what they say: they are told by id. */
  readonly minimal: boolean;
}

/** Each finding of a digest is claimed before and written down after: more wait for the next tick. */
const digestMax = 1_000;

/**
 * The messages of a tick: what was found by the look back before the first tick in one digest of its
 * own, once the look back is done; of the rest the worst one by one, and all others in one digest.
 *
 * @param waiting findings that are pending or claimed; a claim that has not run out is left alone,
 *   since its publish may still be under way
 */
export function planDelivery(
  waiting: readonly FindingRecord[],
  { nowEpochMs, isLookingBack }: { readonly nowEpochMs: number; readonly isLookingBack: boolean },
): PlannedMessage[] {
  const free = waiting.filter(
    ({ delivery }) => delivery.status !== 'claimed' || delivery.untilEpochMs < nowEpochMs,
  );
  const initial = free.filter(({ initial }) => initial);
  const others = free.filter(({ initial }) => !initial);
  const recordsOf = new Map(others.map((record) => [record.finding.id, record]));
  const { single, digest } = planNotifications(others.map(({ finding }) => finding));
  const of = (findings: typeof digest) => findings.flatMap(({ id }) => recordsOf.get(id) ?? []);
  return [
    ...of(single).map((record) => message([record], false)),
    ...(digest.length === 0 ? [] : [message(of(digest).slice(0, digestMax), true)]),
    ...(isLookingBack || initial.length === 0 ? [] : [message(initial.slice(0, digestMax), true)]),
  ];
}

function message(records: readonly FindingRecord[], isDigest: boolean): PlannedMessage {
  return { records, isDigest, minimal: records.some(({ minimal }) => minimal) };
}
