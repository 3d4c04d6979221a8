import { baseOf, besideOf, deliveryOf, type FindingRecord } from '../findings/finding-record.ts';
import { moreTestimony, withTestimony } from '../findings/with-testimony.ts';
import { type Severity, severityRank } from '../model/severity.ts';
import type { Witnessed } from '../model/testimony.ts';
import type { SideDestination } from '../plan/runtime-config.ts';

/** Where and to whom a finding with news goes. */
interface Destinations {
  readonly alertAt: Severity;
  /** Where findings go beside the topic for people. */
  readonly sides?: readonly SideDestination[];
}

/**
 * A record to which the second witness adds something: sent again if that makes it worse or names more.
 * It counts in no further slice, since no log line is news.
 *
 * @returns undefined if the record has all of it
 */
export function recordTestimony(
  record: FindingRecord,
  seen: Witnessed,
  { alertAt, sides = [] }: Destinations,
): FindingRecord | undefined {
  const { testimony: before } = record;
  const testimony = moreTestimony(before, before?.base ?? baseOf(record.finding), seen);
  if (testimony === undefined) return undefined;
  const finding = withTestimony(record.finding, testimony);
  const alerts = severityRank(finding.severity) >= severityRank(alertAt);
  const found = { finding, approved: record.approved };
  return {
    ...record,
    finding,
    testimony,
    delivery: deliveryOf(record, found, alerts),
    ...besideOf(record, found, { alerts, sides }),
  };
}
