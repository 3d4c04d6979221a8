import * as z from 'zod/mini';
import { minuteMs } from '../common/time.ts';
import type { AuditLoss, AuditMark } from '../ledger/witness-items.ts';
import type { AuditRow } from '../model/airflow-state.ts';
import { powerfulFirst } from '../model/row-order.ts';
import { type AirflowApi, ReadFailedError } from './airflow-api.ts';
import { eventLogSchema, readAuditRow, timeOfRow } from './audit-row.ts';

const pageSchema = z.object({
  total_entries: z.int().check(z.minimum(0)),
  event_logs: z.array(eventLogSchema),
});

/** Airflow never gives more, whatever `limit` says. */
const rowsPerPage = 100;
/** 20,000 rows in one run: more than 100,000 task attempts a day with Airflow 2, at 15 minutes. */
const pagesPerRunMax = 200;
/** A row can appear after rows with higher ids: its transaction took longer. */
const overlapMs = minuteMs;
/** More ids would not fit well into an item; a minute with more rows has a shorter overlap. */
const recentMax = 5_000;
const recentMin = 50;

/** More commands that change privileges in one run are reported together: each is an item of the ledger. */
const commandsPerRunMax = 2_000;

/** What is kept of a row while the log is read: its texts may be megabytes long. */
interface LogRow {
  readonly id: number;
  readonly timeEpochMs: number | undefined;
  readonly command: AuditRow | undefined;
}

/** Where reading goes on. */
export type AuditPosition = Omit<AuditMark, 'revision'>;

export interface AuditReading {
  /** New rows that record commands which change privileges. */
  readonly rows: readonly AuditRow[];
  readonly position: AuditPosition;
  readonly loss?: AuditLoss;
  /** Rows that are left for the next run. */
  readonly rowsBehind: number;
}

/** Where to begin: after the last reading, or after a row, if that is all that is known. */
export type AuditStart =
  | { readonly position: AuditPosition }
  | { readonly afterId: number }
  | { readonly atEnd: true };

/**
 * Reads the rows of Airflow's audit log after the last reading.
 *
 * No filter is used: Airflow 2 and 3 take lists of events in different forms, and each answers the other's
 * form with an error or, worse, with nothing. Rows are found by their place in the log in the order of their
 * ids. So each reading also shows how many of the rows before it are still there.
 *
 * A loss is reported if a second look confirms it: `airflow db clean` may take rows during the first.
 *
 * @param readEpochMs the time of the run
 * @throws ReadFailedError
 */
export async function readAuditLog(
  api: AirflowApi,
  start: AuditStart,
  readEpochMs: number,
): Promise<AuditReading> {
  const log = new EventLogs(api, readEpochMs);
  const first = await readFrom(log, start, readEpochMs);
  return first.loss === undefined ? first : readFrom(log, start, readEpochMs);
}

async function readFrom(
  log: EventLogs,
  start: AuditStart,
  readEpochMs: number,
): Promise<AuditReading> {
  const { total, rows: oldest } = await log.page(0, 1);
  const oldestId = oldest[0]?.id ?? 0;
  const from = await log.placeOf(start, total);
  const { rows, next, end } = await log.rowsFrom(from);
  const before = 'position' in start ? start.position : undefined;
  const knownIds = new Set(before?.recent);
  const afterId = before?.lastId ?? ('afterId' in start ? start.afterId : Number.NaN);
  const isNew = ({ id }: LogRow) => id > afterId;
  // Until its transaction ended, nobody could read it.
  const isLate = ({ id }: LogRow) =>
    before !== undefined &&
    id <= afterId &&
    id >= (before.recent[0] ?? afterId) &&
    !knownIds.has(id);
  const fresh = rows.filter((row) => isNew(row) || isLate(row));
  const lastId = rows.at(-1)?.id ?? before?.lastId ?? 0;
  const loss = before && lossOf(before, { rows, from, isLate, oldestId, readEpochMs });
  return {
    rows: withinMax(fresh.flatMap(({ command }) => command ?? [])),
    position: {
      readEpochMs,
      lastId: Math.max(lastId, before?.lastId ?? 0),
      rows: next,
      oldestId,
      recent: recentOf(rows),
    },
    ...(loss && { loss }),
    rowsBehind: Math.max(0, end - next),
  };
}

/** Those of the most powerful roles come first, so that no loop of others hides them. The last stands for all that are more. */
function withinMax(rows: readonly AuditRow[]): readonly AuditRow[] {
  if (rows.length <= commandsPerRunMax) return rows;
  const ordered = powerfulFirst(rows);
  const kept = ordered.slice(0, commandsPerRunMax - 1);
  const [first, ...others] = ordered.slice(kept.length);
  if (first === undefined) return kept;
  return [...kept, { ...first, command: `${others.length + 1} more commands`, commands: [{}] }];
}

/** Rows that were there at the last reading and are not now, beyond those that are the oldest. */
function lossOf(
  before: AuditPosition,
  now: {
    readonly rows: readonly LogRow[];
    readonly from: number;
    readonly isLate: (row: LogRow) => boolean;
    readonly oldestId: number;
    readonly readEpochMs: number;
  },
): AuditLoss | undefined {
  const { rows, from, isLate, oldestId, readEpochMs } = now;
  const seen = new Set(rows.map(({ id }) => id));
  const upToLast = rows.filter((row) => row.id <= before.lastId && !isLate(row));
  const remaining = from + upToLast.length;
  // Ids only grow, so at most so many rows were older than the oldest that is left.
  const cleaned = oldestId === 0 ? 0 : Math.max(0, oldestId - before.oldestId);
  const ids = before.recent.filter((id) => id >= oldestId && !seen.has(id));
  const missing = Math.max(before.rows - remaining - cleaned, ids.length);
  if (missing <= 0) return undefined;
  return {
    sinceEpochMs: before.readEpochMs,
    foundEpochMs: readEpochMs,
    missing,
    ids: ids.slice(0, 20),
  };
}

/** Ids of the rows of the last minute, and of some more where there are few, in their order. */
function recentOf(rows: readonly LogRow[]): number[] {
  const times = rows.map(({ timeEpochMs }) => timeEpochMs ?? 0);
  const sinceMs = Math.max(...times.slice(-rowsPerPage), 0) - overlapMs;
  const inOverlap = times.findIndex((time) => time >= sinceMs);
  const from = Math.min(inOverlap < 0 ? rows.length : inOverlap, rows.length - recentMin);
  return rows
    .slice(Math.max(0, from))
    .slice(-recentMax)
    .map(({ id }) => id);
}

/** The audit log in the order of its ids. */
class EventLogs {
  readonly #api: AirflowApi;
  readonly #readEpochMs: number;

  constructor(api: AirflowApi, readEpochMs: number) {
    this.#api = api;
    this.#readEpochMs = readEpochMs;
  }

  async page(offset: number, limit: number) {
    const query = { order_by: 'event_log_id', limit, offset };
    const answer = await this.#api(pageSchema, { path: '/eventLogs', query });
    const { total_entries: total, event_logs: logs } = answer;
    const rows = logs.map(
      (row): LogRow => ({
        id: row.event_log_id,
        timeEpochMs: timeOfRow(row),
        command: readAuditRow(row, this.#readEpochMs),
      }),
    );
    const isOrdered = rows.every(({ id }, at) => at === 0 || id > (rows[at - 1]?.id ?? id));
    if (!isOrdered) throw new ReadFailedError('/eventLogs does not come in the order of its ids');
    return { total, rows };
  }

  /**
   * The place from which to read: that of the first row of the overlap, if it is still there. Rows before it
   * may be gone, so that it has moved.
   */
  async placeOf(start: AuditStart, total: number): Promise<number> {
    if ('atEnd' in start) return Math.max(0, total - rowsPerPage);
    if ('afterId' in start) return this.#placeAfter(start.afterId, total);
    const { rows, recent, lastId } = start.position;
    const firstId = recent[0] ?? lastId;
    const guess = rows - Math.max(1, recent.length);
    if (guess >= 0 && guess < total) {
      const [there] = (await this.page(guess, 1)).rows;
      if (there?.id === firstId) return guess;
    }
    return this.#placeAfter(firstId - 1, total);
  }

  /** The number of rows with this id or a lower one. */
  async #placeAfter(id: number, total: number): Promise<number> {
    let [low, high] = [0, total];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [row] = (await this.page(middle, 1)).rows;
      if (row !== undefined && row.id <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * MWAA passes on 6 MB in 10 seconds, and whoever triggers a DAG decides how long a row is: a page that
   * cannot be read is asked for in parts. The smallest has the last row, which is known, and the next.
   */
  async #largestPage(offset: number) {
    for (const limit of [rowsPerPage, 10]) {
      try {
        return await this.page(offset, limit);
      } catch (error) {
        if (!(error instanceof ReadFailedError)) throw error;
      }
    }
    return this.page(offset, 2);
  }

  /**
   * All rows from a place on. Each page begins with the last row of the one before: if it does not, rows were
   * taken away meanwhile, and others would be skipped.
   */
  async rowsFrom(from: number) {
    const rows: LogRow[] = [];
    let end = from;
    for (let pages = 0; pages < pagesPerRunMax; pages += 1) {
      const last = rows.at(-1);
      const offset = from + rows.length - (last === undefined ? 0 : 1);
      const page = await this.#largestPage(offset);
      end = page.total;
      if (last !== undefined && page.rows[0]?.id !== last.id) {
        throw new ReadFailedError('/eventLogs changed while it was read: rows were taken away');
      }
      rows.push(...page.rows.slice(last === undefined ? 0 : 1));
      if (offset + page.rows.length >= end || page.rows.length === 0) break;
    }
    return { rows, next: from + rows.length, end };
  }
}
