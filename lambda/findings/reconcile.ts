import type { Change } from '../model/correlation-state.ts';
import type { FindingRecord } from './finding-record.ts';

/** A derived change, and the finding that it was reported as before. */
interface Reconciled {
  readonly change: Change;
  readonly known?: FindingRecord;
}

/**
 * Matches each derived change with its existing finding.
 *
 * A late line can make another line the anchor of a change and so change its id: a command of
 * unknown outcome is a finding until its outcome arrives. An id never changes once there is a
 * finding with it, so the change keeps the id of the finding whose anchor is now among its lines
 * and which is no longer derived by itself.
 *
 * @param changes all changes of connected lines
 * @param records the findings that were made from these lines before
 */
export function reconcile(
  changes: readonly Change[],
  records: readonly FindingRecord[],
): readonly Reconciled[] {
  const derived = new Set(changes.map(({ id }) => id));
  const byId = new Map(records.map((record) => [record.finding.id, record]));
  const left = new Set(
    records
      .filter(({ finding }) => !derived.has(finding.id))
      .toSorted((a, b) => a.anchorEpochMs - b.anchorEpochMs),
  );
  return changes.map((change) => {
    const known = byId.get(change.id) ?? takeOver(change, left);
    return { change, ...(known && { known }) };
  });
}

/** One line can anchor several changes: the one about the same user and role comes first. */
function takeOver(change: Change, left: Set<FindingRecord>): FindingRecord | undefined {
  const lines = new Set(change.evidence.map(({ key }) => key));
  const candidates = [...left].filter(({ anchorKey }) => lines.has(anchorKey));
  const isSame = ({ finding: { target, role } }: FindingRecord) =>
    (target === undefined || change.targets.includes(target)) &&
    (role === undefined || change.roles.includes(role));
  const record = candidates.find(isSame) ?? candidates[0];
  if (record !== undefined) left.delete(record);
  return record;
}
