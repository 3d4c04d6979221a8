import { inSteps } from '../common/retry.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../common/time.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { recordTestimony } from '../findings/finding-record.ts';
import {
  auditFinding,
  stateFinding,
  type WitnessSurroundings,
} from '../findings/witness-finding.ts';
import { loadMarks } from '../ledger/marks.ts';
import { findFinding, keepOnList, saveFinding } from '../ledger/stored-findings.ts';
import type { Snapshot } from '../ledger/witness-items.ts';
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
import type { StateChange, Witnessed } from '../model/testimony.ts';
import { laneTarget, sidesOf } from '../plan/runtime-config.ts';
import { explainChanges, explainRows } from '../testimony/explain.ts';
import { stateChanges } from '../testimony/state-changes.ts';
import { isStateUnchanged } from '../testimony/unchanged.ts';
import { auditLossFinding, baselineFinding, blindFinding } from '../testimony/witness-notices.ts';
import { blindCause } from '../testimony/witness-health.ts';
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
 * @returns undefined without a second witness
 */
export async function recordWitness(context: TickContext): Promise<WitnessOutcome | undefined> {
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
  await saveCursor(table, await joinWitnessed(context, cursor));
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
  if (before?.cause !== cause) {
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

function withVersion({ airflow, tickEpochMs }: TickContext, cursor: WitnessCursor): WitnessCursor {
  const version = airflow?.version;
  if (version === undefined || version === cursor.airflowVersion) return cursor;
  const isOther = cursor.airflowVersion !== undefined;
  return { ...cursor, airflowVersion: version, ...(isOther && { upgradedEpochMs: tickEpochMs }) };
}

/** Two readings of users and roles, one after the other. */
interface Interval {
  readonly before: AirflowState;
  readonly after: AirflowState;
  readonly changes: readonly StateChange[];
}

/** @returns the cursor, moved over all that is judged for good */
async function joinWitnessed(context: TickContext, cursor: WitnessCursor): Promise<WitnessCursor> {
  const { table, tickEpochMs, shell } = context;
  const fromEpochMs = cursor.snapshotEpochMs ?? tickEpochMs - restartMs;
  const snapshots = await loadSnapshots(table, fromEpochMs);
  const begun = await withBaseline(context, cursor, snapshots);
  const intervals = await intervalsOf(context, begun, snapshots);
  const rows = await loadAuditRows(table, cursor.rowsEpochMs);
  if (intervals.length === 0 && rows.length === 0) return begun;
  const correlateMs = shell.config.correlateSeconds * secondMs;
  const earliest = Math.min(
    ...intervals.map(({ before }) => before.startEpochMs),
    ...rows.map(({ whenEpochMs }) => whenEpochMs),
  );
  const isSettled = await settling(context);
  const findings = new Findings(context);
  await findings.load(earliest - correlateMs);

  const byRow = explainRows(rows, findings.all, { correlateMs });
  for (const { record, seen } of byRow.joins) await findings.add(record, { rows: seen });
  const dueRows = byRow.left.filter(({ whenEpochMs }) => isSettled(whenEpochMs));
  for (const row of dueRows) await findings.addNew(auditFinding(row, findings.surroundings));

  const changes = intervals.flatMap((interval) => interval.changes);
  const byChange = explainChanges(changes, findings.all, { correlateMs });
  for (const { record, seen } of byChange.joins) await findings.add(record, { changes: seen });
  const due = byChange.left.filter(({ toEpochMs }) => isSettled(toEpochMs));
  for (const ofOne of groups(due)) {
    await findings.addNew(stateFinding(ofOne, findings.surroundings));
  }
  const settled = intervals.filter(({ after }) => isSettled(after.endEpochMs));
  for (const { before, after, changes: ofInterval } of settled) {
    for (const record of findings.all) {
      if (!isStateUnchanged(record, { before, after, changes: ofInterval })) continue;
      await findings.add(record, { unchanged: true });
    }
  }
  return {
    ...begun,
    ...(settled.length > 0 && { snapshotEpochMs: settled.at(-1)?.after.startEpochMs }),
    rowsEpochMs: rowsThrough(rows, cursor.rowsEpochMs, isSettled),
  };
}

/** Changes of one user or role between the same readings are one finding; so is all of a new version. */
function groups(changes: readonly StateChange[]): readonly (readonly StateChange[])[] {
  const keyOf = ({ object, name, because, fromEpochMs }: StateChange) =>
    because === 'upgrade'
      ? JSON.stringify([because, fromEpochMs])
      : JSON.stringify([object, name, fromEpochMs]);
  return [...Map.groupBy(changes, keyOf).values()];
}

/** The time up to which all rows are judged for good, by when they were read. */
function rowsThrough(
  rows: readonly AuditRow[],
  fromEpochMs: number,
  isSettled: (epochMs: number) => boolean,
): number {
  const open = rows.filter(
    ({ readEpochMs, whenEpochMs }) => !isSettled(Math.max(readEpochMs, whenEpochMs)),
  );
  const settled = rows.filter((row) => !open.includes(row));
  const firstOpen = Math.min(...open.map(({ readEpochMs }) => readEpochMs));
  const lastSettled = Math.max(fromEpochMs, ...settled.map(({ readEpochMs }) => readEpochMs + 1));
  return Math.min(firstOpen, lastSettled);
}

/** The first reading of all is what the others are compared with: it is listed once. */
async function withBaseline(
  context: TickContext,
  cursor: WitnessCursor,
  snapshots: readonly Snapshot[],
): Promise<WitnessCursor> {
  const [first] = snapshots;
  if (cursor.snapshotEpochMs !== undefined || first === undefined) return cursor;
  const [state] = await loadStates(context.table, [first]);
  // Without its pieces it is no reading: the next one is the first.
  if (state === undefined) return cursor;
  await saveOwnFinding(context, baselineFinding(state, context.shell.config.mwaaEnvironment));
  const begun = { ...cursor, snapshotEpochMs: first.startEpochMs };
  await saveCursor(context.table, begun);
  return begun;
}

async function intervalsOf(
  { table, shell }: TickContext,
  { snapshotEpochMs, upgradedEpochMs }: WitnessCursor,
  snapshots: readonly Snapshot[],
): Promise<Interval[]> {
  const after = snapshots.filter(({ startEpochMs }) => startEpochMs >= (snapshotEpochMs ?? 0));
  if (after.length < 2) return [];
  const loaded = await loadStates(table, after);
  const states = loaded.filter((state) => state !== undefined);
  if (states.length < loaded.length) {
    shell.log('error', 'snapshots-incomplete', { count: loaded.length - states.length });
  }
  return states.slice(1).map((now, at) => {
    const then = states[at] ?? now;
    const isUpgrade =
      upgradedEpochMs !== undefined &&
      upgradedEpochMs >= then.startEpochMs - upgradeMarginMs &&
      upgradedEpochMs <= now.endEpochMs + upgradeMarginMs;
    return {
      before: then,
      after: now,
      changes: stateChanges({ before: then, after: now, isUpgrade }),
    };
  });
}

/** Whether the logs of a time, and of what may be correlated with it, are read for good. */
async function settling({ table, shell, tickEpochMs }: TickContext) {
  const { config } = shell;
  const { correlateSeconds, settleMinutes, nearSweep } = config;
  const target = Math.min(
    laneTarget('scan', tickEpochMs, config),
    laneTarget('near', tickEpochMs, config),
  );
  const marks = await loadMarks(table);
  const positions = marks
    .filter(({ lane }) => lane === 'scan' || lane === 'near')
    .map(({ positionEpochMs }) => positionEpochMs);
  const read = Math.min(target, ...positions);
  const longestMs =
    (settleMinutes + nearSweep.lagMinutes + nearSweep.everyMinutes) * minuteMs + unreadMaxMs;
  return (epochMs: number) => {
    const endEpochMs = epochMs + correlateSeconds * secondMs;
    return endEpochMs <= read || (endEpochMs <= target && tickEpochMs - endEpochMs >= longestMs);
  };
}

/** The findings that a tick joins, as they are in the ledger. */
class Findings {
  readonly surroundings: WitnessSurroundings;
  readonly #context: TickContext;
  readonly #records = new Map<string, FindingRecord>();

  constructor(context: TickContext) {
    const { shell, tickEpochMs, airflow } = context;
    const { mwaaEnvironment: environment, alertAt } = shell.config;
    this.#context = context;
    this.surroundings = {
      ...{ environment, region: shell.mwaa.region, tickEpochMs, alertAt, airflow },
      sides: sidesOf(shell.config),
    };
  }

  get all(): readonly FindingRecord[] {
    return [...this.#records.values()];
  }

  async load(fromEpochMs: number): Promise<void> {
    const { table } = this.#context;
    const places = await loadRecent(table, fromEpochMs);
    const records = await inSteps(places, ({ streamId, anchorEpochMs, findingId: id }) =>
      findFinding(table, { streamId, anchorEpochMs, finding: { id } }),
    );
    for (const record of records) if (record) this.#records.set(record.finding.id, record);
  }

  /** Adds to a finding what was seen of it. */
  async add({ finding: { id } }: FindingRecord, seen: Witnessed): Promise<void> {
    const record = this.#records.get(id);
    const now = record && recordTestimony(record, seen, this.surroundings);
    if (now === undefined) return;
    await this.#save(now);
    this.#log('finding-witnessed', now);
  }

  /** Saves a finding of the witness's own, unless it is there already. */
  async addNew(record: FindingRecord | undefined): Promise<void> {
    if (record === undefined) return;
    const known = await findFinding(this.#context.table, record);
    if (known !== undefined) {
      await keepOnList(this.#context.table, known);
      this.#records.set(known.finding.id, known);
      return;
    }
    await this.#save(record);
    this.#log('finding-recorded', record);
  }

  async #save(record: FindingRecord): Promise<void> {
    await noteRecent(this.#context, record);
    const saved = await saveFinding(this.#context.table, record);
    this.#records.set(saved.finding.id, saved);
  }

  #log(decision: string, { finding, delivery }: FindingRecord): void {
    const { id, severity, outcome, detections, title, runbook } = finding;
    const about = { id, severity, outcome, detections, detection: detections[0] };
    this.#context.shell.log('info', decision, {
      ...about,
      delivery: delivery.status,
      title,
      runbook,
    });
  }
}
