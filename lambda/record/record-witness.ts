import { inSteps } from '../common/retry.ts';
import { dayMs, floorTo, hourMs, minuteMs, secondMs } from '../common/time.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import type { LedgerTable } from '../ledger/ledger-table.ts';
import { loadMarks } from '../ledger/marks.ts';
import { findFinding, keepOnList, saveFinding } from '../ledger/stored-findings.ts';
import {
  loadAuditLosses,
  loadAuditRows,
  loadCursor,
  loadRecent,
  loadSnapshots,
  loadStates,
  loadWitnessStatus,
  saveCursor,
  type WitnessCursor,
} from '../ledger/witness-reading.ts';
import type { AirflowState, AuditRow } from '../model/airflow-state.ts';
import { powerfulFirst } from '../model/row-order.ts';
import { laneTarget, sidesOf } from '../plan/runtime-config.ts';
import { type Interval, joinFindings } from '../testimony/join-findings.ts';
import { stateChanges } from '../testimony/state-changes.ts';
import type { WitnessSurroundings } from '../testimony/witness-finding.ts';
import { blindCause } from '../testimony/witness-health.ts';
import {
  auditLossFinding,
  baselineFinding,
  blindFinding,
  floodNotice,
} from '../testimony/witness-notices.ts';
import { withoutLinks } from '../text/show-text.ts';
import { noteRecent } from './note-recent.ts';
import { saveOwnFinding } from './save-own-finding.ts';
import type { TickContext } from './tick-context.ts';

/** How far back to begin when it is not known how far the witness's readings were judged. */
const restartMs = 3 * dayMs;
/**
 * How long to wait for a log group that cannot be read, before what the witness saw is told without it: then
 * its lines cannot explain anything.
 */
const unreadMaxMs = 2 * hourMs;
/** A version is reported a little before or after Airflow runs it. */
const upgradeMarginMs = hourMs;

/** What a tick found out about the second witness. */
export interface WitnessOutcome {
  /** Why it cannot see; undefined while it can. */
  readonly blind: string | undefined;
}

/**
 * Joins what the second witness saw to the findings of the logs. What no finding explains becomes one of its
 * own, once the logs of its time are read for good: the scan and the near sweep are past it.
 *
 * Nothing is remembered of what was joined but the findings themselves, and the cursor moves last. So a tick
 * that dies anywhere is repeated with the same result.
 *
 * @param groupsOff log groups of optional log types that are off: no line of theirs can explain anything
 * @returns undefined without a second witness
 */
export async function recordWitness(
  context: TickContext,
  groupsOff: ReadonlySet<string>,
): Promise<WitnessOutcome | undefined> {
  const { table, tickEpochMs, shell } = context;
  const { witness } = shell.config;
  if (witness === undefined) return undefined;
  const before = (await loadCursor(table)) ?? {
    sinceEpochMs: tickEpochMs,
    rowsEpochMs: tickEpochMs - restartMs,
  };
  const status = await loadWitnessStatus(table);
  const { sinceEpochMs } = before;
  const cause = blindCause(status, witness, { sinceEpochMs, tickEpochMs });
  const cursor = await withHealth(context, withVersion(context, before), cause);
  for (const loss of await loadAuditLosses(table)) {
    await saveOwnFinding(context, auditLossFinding(loss, shell.config.mwaaEnvironment));
  }
  await saveCursor(table, await joinWitnessed(context, cursor, groupsOff));
  if (cause !== undefined) shell.log('error', 'witness-blind', { cause });
  return { blind: cause };
}

/** Reports that the witness became blind, once for each cause of one blindness. */
async function withHealth(
  context: TickContext,
  { blind: before, ...cursor }: WitnessCursor,
  cause: string | undefined,
): Promise<WitnessCursor> {
  if (cause === undefined) return cursor;
  const sinceEpochMs = before?.sinceEpochMs ?? context.tickEpochMs;
  const blind = { sinceEpochMs, cause };
  // A number in a cause, such as the place of an entry that cannot be read, makes it no other one.
  if (withoutNumbers(before?.cause) !== withoutNumbers(cause)) {
    await saveOwnFinding(
      context,
      blindFinding(
        { ...blind, tickEpochMs: context.tickEpochMs },
        context.shell.config.mwaaEnvironment,
      ),
    );
  }
  return { ...cursor, blind };
}

function withoutNumbers(cause: string | undefined): string | undefined {
  return cause?.replace(/\d+/g, '#');
}

function withVersion({ airflow, tickEpochMs }: TickContext, cursor: WitnessCursor): WitnessCursor {
  const version = airflow?.version;
  if (version === undefined || version === cursor.airflowVersion) return cursor;
  const isOther = cursor.airflowVersion !== undefined;
  return { ...cursor, airflowVersion: version, ...(isOther && { upgradedEpochMs: tickEpochMs }) };
}

/** @returns the cursor, moved over all that is judged for good */
async function joinWitnessed(
  context: TickContext,
  cursor: WitnessCursor,
  groupsOff: ReadonlySet<string>,
): Promise<WitnessCursor> {
  const { table, shell } = context;
  const { begun, states } = await readStates(context, cursor);
  const intervals = intervalsOf(states, begun);
  const { rows, left } = withinBudget(await loadAuditRows(table, cursor.rowsEpochMs));
  for (const [hourEpochMs, ofHour] of Map.groupBy(left, ({ whenEpochMs }) =>
    floorTo(whenEpochMs, hourMs),
  )) {
    const about = { hourEpochMs, count: ofHour.length };
    await saveOwnFinding(context, floodNotice(about, shell.config.mwaaEnvironment));
  }
  if (intervals.length === 0 && rows.length === 0) return begun;
  const correlateMs = shell.config.correlateSeconds * secondMs;
  const earliest = [
    ...intervals.map(({ before }) => before.startEpochMs),
    ...rows.map(({ whenEpochMs }) => whenEpochMs),
  ].reduce((first, each) => Math.min(first, each));
  const isSettled = await settling(context, groupsOff);
  const records = await recentRecords(table, earliest - correlateMs);
  const joined = joinFindings(
    { rows, intervals, records },
    { correlateMs, isSettled, surroundings: surroundingsOf(context) },
  );
  await inSteps(joined, (record) => saveJoined(context, record));
  const settled = intervals.filter(({ after }) => isSettled(after.endEpochMs));
  return {
    ...begun,
    ...(settled.length > 0 && { snapshotEpochMs: settled.at(-1)?.after.startEpochMs }),
    rowsEpochMs: rowsThrough(rows, cursor.rowsEpochMs, isSettled),
  };
}

/** Each may be compared with each finding, and becomes a finding: a loop of commands must not stop the tick. */
const rowsMax = 2_000;

/** The rows that are joined: those of the most powerful roles first, and the oldest. */
function withinBudget(all: readonly AuditRow[]) {
  if (all.length <= rowsMax) return { rows: all, left: [] };
  const ordered = powerfulFirst(all);
  return { rows: ordered.slice(0, rowsMax), left: ordered.slice(rowsMax) };
}

/** The time up to which all rows are judged for good, by when they were read. */
function rowsThrough(
  rows: readonly AuditRow[],
  fromEpochMs: number,
  isSettled: (epochMs: number) => boolean,
): number {
  const [open, settled] = [true, false].map((isOpen) =>
    rows.filter(
      ({ readEpochMs, whenEpochMs }) => isSettled(Math.max(readEpochMs, whenEpochMs)) !== isOpen,
    ),
  ) as [AuditRow[], AuditRow[]];
  const firstOpen = open.reduce((first, row) => Math.min(first, row.readEpochMs), Infinity);
  const lastSettled = settled.reduce(
    (last, row) => Math.max(last, row.readEpochMs + 1),
    fromEpochMs,
  );
  return Math.max(fromEpochMs, Math.min(firstOpen, lastSettled));
}

/**
 * The readings from the cursor on. The first of all is what the others are compared with: it is listed once.
 * So is the first that can be read, if that of the cursor is lost.
 */
async function readStates(
  context: TickContext,
  cursor: WitnessCursor,
): Promise<{ readonly begun: WitnessCursor; readonly states: readonly AirflowState[] }> {
  const { table, tickEpochMs, shell } = context;
  const { snapshotEpochMs } = cursor;
  const snapshots = await loadSnapshots(
    table,
    snapshotEpochMs ?? tickEpochMs - restartMs,
    tickEpochMs,
  );
  const isThere = snapshotEpochMs !== undefined && snapshots[0]?.startEpochMs === snapshotEpochMs;
  // Nothing to compare it with.
  if (isThere && snapshots.length === 1) return { begun: cursor, states: [] };
  const loaded = await loadStates(table, snapshots);
  const states = loaded.filter((state) => state !== undefined);
  if (states.length < loaded.length) {
    shell.log('error', 'snapshots-incomplete', { count: loaded.length - states.length });
  }
  const [first] = states;
  if (first === undefined || (isThere && loaded[0] !== undefined)) return { begun: cursor, states };
  await saveOwnFinding(context, baselineFinding(first, shell.config.mwaaEnvironment));
  const begun = { ...cursor, snapshotEpochMs: first.startEpochMs };
  await saveCursor(table, begun);
  return { begun, states };
}

function intervalsOf(
  states: readonly AirflowState[],
  { upgradedEpochMs, airflowVersion }: WitnessCursor,
): Interval[] {
  return states.slice(1).map((after, at) => {
    const before = states[at] ?? after;
    const isUpgrade =
      upgradedEpochMs !== undefined &&
      upgradedEpochMs >= before.startEpochMs - upgradeMarginMs &&
      upgradedEpochMs <= after.endEpochMs + upgradeMarginMs;
    const changes = stateChanges({ before, after, isUpgrade, airflowVersion });
    return { before, after, changes };
  });
}

/** Whether the logs of a time, and of what may be correlated with it, are read for good. */
async function settling(
  { table, shell, tickEpochMs }: TickContext,
  groupsOff: ReadonlySet<string>,
) {
  const { config } = shell;
  const { correlateSeconds, settleMinutes, nearSweep } = config;
  const target = Math.min(
    laneTarget('scan', tickEpochMs, config),
    laneTarget('near', tickEpochMs, config),
  );
  const marks = await loadMarks(table);
  const positions = marks
    .filter(
      ({ lane, logGroup }) => (lane === 'scan' || lane === 'near') && !groupsOff.has(logGroup),
    )
    .map(({ positionEpochMs }) => positionEpochMs);
  const read = Math.min(target, ...positions);
  const longestMs =
    (settleMinutes + nearSweep.lagMinutes + nearSweep.everyMinutes) * minuteMs + unreadMaxMs;
  return (epochMs: number) => {
    const endEpochMs = epochMs + correlateSeconds * secondMs;
    return endEpochMs <= read || (endEpochMs <= target && tickEpochMs - endEpochMs >= longestMs);
  };
}

function surroundingsOf({ shell, tickEpochMs, airflow }: TickContext): WitnessSurroundings {
  const { mwaaEnvironment: environment, alertAt } = shell.config;
  const { region } = shell.mwaa;
  const sides = sidesOf(shell.config);
  return { environment, region, tickEpochMs, alertAt, airflow, sides };
}

/** What findings of that time take in memory at most, in characters: in a flood there may be far more. */
const recordCharactersMax = 30_000_000;
const recordsAtOnce = 64;

/** Findings of that time. Those that do not fit explain nothing: the state is told beside them. */
async function recentRecords(table: LedgerTable, fromEpochMs: number): Promise<FindingRecord[]> {
  const places = await loadRecent(table, fromEpochMs);
  const records: FindingRecord[] = [];
  let characters = 0;
  for (let at = 0; at < places.length && characters <= recordCharactersMax; at += recordsAtOnce) {
    const some = await inSteps(
      places.slice(at, at + recordsAtOnce),
      ({ streamId, anchorEpochMs, findingId: id }) =>
        findFinding(table, { streamId, anchorEpochMs, finding: { id } }),
    );
    for (const record of some) {
      if (record === undefined) continue;
      records.push(record);
      characters += JSON.stringify(record).length;
    }
  }
  return records;
}

/** Saves a finding that is new, unless it is there already, or has more in it. */
async function saveJoined(context: TickContext, record: FindingRecord): Promise<void> {
  const { table, shell } = context;
  const isNew = record.revision === 0;
  const known = isNew ? await findFinding(table, record) : undefined;
  if (known !== undefined) {
    await keepOnList(table, known);
    return;
  }
  await noteRecent(context, record);
  const { finding, delivery } = await saveFinding(table, record);
  const { id, severity, outcome, detections, title, runbook } = finding;
  shell.log('info', isNew ? 'finding-recorded' : 'finding-witnessed', {
    ...{ id, severity, outcome, detections, detection: detections[0], isNew },
    delivery: delivery.status,
    title: withoutLinks(title),
    runbook,
  });
}
