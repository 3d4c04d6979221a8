import type { FindingRecord } from '../findings/finding-record.ts';
import { shownBy } from '../findings/with-testimony.ts';
import type { AirflowState, AuditRow } from '../model/airflow-state.ts';
import { powerfulFirst } from '../model/row-order.ts';
import { severityRank } from '../model/severity.ts';
import type { StateChange, Witnessed } from '../model/testimony.ts';
import { explainChanges } from './explain-changes.ts';
import { explainRows } from './explain-rows.ts';
import { recordTestimony } from './record-testimony.ts';
import { isStateUnchanged } from './unchanged.ts';
import { auditFinding, stateFinding, type WitnessSurroundings } from './witness-finding.ts';

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
  /** @returns what the finding shows then */
  const add = ({ finding: { id } }: FindingRecord, seen: Witnessed) => {
    const record = known.get(id);
    const all = record && recordTestimony(record, seen, surroundings);
    if (record === undefined || all === undefined) return { changes: [], rows: [] };
    const shown = shownBy(all, seen);
    const isAll =
      shown.changes.length === (seen.changes?.length ?? 0) &&
      shown.rows.length === (seen.rows?.length ?? 0);
    put(isAll ? all : recordTestimony(record, shown, surroundings));
    return shown;
  };
  const byRow = explainRows(rows, [...known.values()], { correlateMs });
  const shownRows = new Set(
    byRow.joins.flatMap(({ record, seen }) => add(record, { rows: seen }).rows),
  );
  const leftRows = [...byRow.joins.flatMap(({ seen }) => seen), ...byRow.left].filter(
    (row) => !shownRows.has(row) && isSettled(row.whenEpochMs),
  );
  for (const ofOne of rowGroups(leftRows, rows)) put(auditFinding(ofOne, surroundings));
  const changes = intervals.flatMap((interval) => interval.changes);
  const byChange = explainChanges(changes, [...known.values()], { correlateMs });
  const shownChanges = new Set(
    byChange.joins.flatMap(({ record, seen }) => add(record, { changes: seen }).changes),
  );
  const due = [...byChange.joins.flatMap(({ seen }) => seen), ...byChange.left].filter(
    (change) => !shownChanges.has(change) && isSettled(change.toEpochMs),
  );
  for (const ofOne of groups(due, intervals)) put(stateFinding(ofOne, surroundings));
  for (const interval of intervals.filter(({ after }) => isSettled(after.endEpochMs))) {
    for (const record of known.values()) {
      if (isStateUnchanged(record, interval)) add(record, { unchanged: true });
    }
  }
  return [...known.values()].filter(({ finding: { id } }) => changed.has(id));
}

/**
 * Users and roles that changed between two readings and are told one by one; rows of one reading likewise.
 * Whoever writes the metadata database can change thousands at once: of the others, which are no worse, one
 * finding tells.
 */
const singlesMax = 100;

/** Changes of one user or role between the same readings are one finding; so is all of a new version. */
function groups(
  changes: readonly StateChange[],
  intervals: readonly Interval[],
): readonly (readonly StateChange[])[] {
  // By all that changed, explained or not: so what is told together is the same in every tick.
  const others = new Set(
    intervals.flatMap((interval) => {
      const objects = [...Map.groupBy(interval.changes, groupKey)];
      const worstFirst = objects.toSorted(
        ([a, as], [b, bs]) => worst(bs) - worst(as) || (a < b ? -1 : 1),
      );
      return worstFirst.slice(singlesMax).map(([key]) => key);
    }),
  );
  return [
    ...Map.groupBy(changes, (change) => {
      const key = groupKey(change);
      return others.has(key) ? `others ${change.fromEpochMs}` : key;
    }).values(),
  ];
}

function groupKey({ object, name, because, fromEpochMs }: StateChange): string {
  return because === 'upgrade'
    ? JSON.stringify([because, fromEpochMs])
    : JSON.stringify([object, name, fromEpochMs]);
}

function worst(changes: readonly StateChange[]): number {
  return Math.max(...changes.map(({ severity }) => severityRank(severity)));
}

/** A row by itself, but for those beyond the first of a reading, and the first are the worst. */
function rowGroups(
  left: readonly AuditRow[],
  all: readonly AuditRow[],
): readonly (readonly AuditRow[])[] {
  const others = new Set(
    [...Map.groupBy(all, ({ readEpochMs }) => readEpochMs).values()].flatMap((ofReading) =>
      powerfulFirst(ofReading.toSorted((a, b) => a.id - b.id)).slice(singlesMax),
    ),
  );
  return [
    ...Map.groupBy(left, (row) =>
      others.has(row) ? `others ${row.readEpochMs}` : `row ${row.id}`,
    ).values(),
  ];
}
