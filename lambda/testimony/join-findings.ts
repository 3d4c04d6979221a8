import type { FindingRecord } from '../findings/finding-record.ts';
import { recordTestimony } from '../findings/record-testimony.ts';
import {
  auditFinding,
  stateFinding,
  type WitnessSurroundings,
} from '../findings/witness-finding.ts';
import type { AirflowState, AuditRow } from '../model/airflow-state.ts';
import type { StateChange, Witnessed } from '../model/testimony.ts';
import { explainChanges, explainRows } from './explain.ts';
import { isStateUnchanged } from './unchanged.ts';

/** Two readings of users and roles, one after the other, and what is different. */
export interface Interval {
  readonly before: AirflowState;
  readonly after: AirflowState;
  readonly changes: readonly StateChange[];
}

export interface WitnessedTime {
  readonly rows: readonly AuditRow[];
  readonly intervals: readonly Interval[];
  /** Findings of that time, of the logs and of the witness itself. */
  readonly records: readonly FindingRecord[];
}

/**
 * Joins rows of the audit log and changes of the state to the findings that explain them, rows first: what a
 * command did is then a change of its row's finding. What nothing explains becomes a finding of its own when
 * the logs of its time are read for good; until then it waits, since its line may still come.
 *
 * The same for the same input, and nothing for input that was joined before.
 *
 * @returns the findings that are new (revision 0) or have more in them
 */
export function joinFindings(
  { rows, intervals, records }: WitnessedTime,
  {
    correlateMs,
    isSettled,
    surroundings,
  }: {
    readonly correlateMs: number;
    /** Whether the logs of a time are read for good. */
    readonly isSettled: (epochMs: number) => boolean;
    readonly surroundings: WitnessSurroundings;
  },
): readonly FindingRecord[] {
  const known = new Map(records.map((record) => [record.finding.id, record]));
  const changed = new Set<string>();
  const put = (record: FindingRecord | undefined) => {
    if (record === undefined) return;
    known.set(record.finding.id, record);
    changed.add(record.finding.id);
  };
  const add = ({ finding: { id } }: FindingRecord, seen: Witnessed) => {
    const record = known.get(id);
    put(record && recordTestimony(record, seen, surroundings));
  };
  const byRow = explainRows(rows, [...known.values()], { correlateMs });
  for (const { record, seen } of byRow.joins) add(record, { rows: seen });
  for (const row of byRow.left) {
    if (isSettled(row.whenEpochMs)) put(auditFinding(row, surroundings));
  }
  const changes = intervals.flatMap((interval) => interval.changes);
  const byChange = explainChanges(changes, [...known.values()], { correlateMs });
  for (const { record, seen } of byChange.joins) add(record, { changes: seen });
  const due = byChange.left.filter(({ toEpochMs }) => isSettled(toEpochMs));
  for (const ofOne of groups(due)) put(stateFinding(ofOne, surroundings));
  for (const interval of intervals.filter(({ after }) => isSettled(after.endEpochMs))) {
    for (const record of known.values()) {
      if (isStateUnchanged(record, interval)) add(record, { unchanged: true });
    }
  }
  return [...known.values()].filter(({ finding: { id } }) => changed.has(id));
}

/** Changes of one user or role between the same readings are one finding; so is all of a new version. */
function groups(changes: readonly StateChange[]): readonly (readonly StateChange[])[] {
  const keyOf = ({ object, name, because, fromEpochMs }: StateChange) =>
    because === 'upgrade'
      ? JSON.stringify([because, fromEpochMs])
      : JSON.stringify([object, name, fromEpochMs]);
  return [...Map.groupBy(changes, keyOf).values()];
}
