import type { Log } from '../common/log.ts';
import type { LedgerTable } from '../ledger/ledger-table.ts';
import { loadRetreats, saveRetreats } from '../ledger/stored-refusals.ts';
import {
  afterKill,
  afterSuccess,
  afterTimeout,
  type Retreat,
  type Retreats,
  retreatKey,
} from '../model/retreat.ts';
import type { Lane } from '../model/windows.ts';

/**
 * Remembers across runs how carefully to read each lane of each log group.
 *
 * A killed run cannot store anything, so before a slice is read, the book stores how to read if this run
 * is killed in it; it corrects that when the slice is done.
 */
export class RetreatBook {
  readonly #table: LedgerTable;
  readonly #log: Log;
  readonly #retreats: Map<string, Retreat>;
  readonly #widened = new Set<string>();
  #stored: string;

  constructor(table: LedgerTable, log: Log, retreats: Retreats) {
    this.#table = table;
    this.#log = log;
    this.#retreats = new Map(retreats);
    this.#stored = textOf(retreats);
  }

  static async load(table: LedgerTable, log: Log): Promise<RetreatBook> {
    return new RetreatBook(table, log, await loadRetreats(table));
  }

  get isEmpty(): boolean {
    return this.#retreats.size === 0;
  }

  of(lane: Lane, logGroup: string): Retreat | undefined {
    return this.#retreats.get(retreatKey(lane, logGroup));
  }

  /** Stores how the next run has to read if this one is killed while reading. */
  async begin(lane: Lane, logGroups: readonly string[], now: Retreat): Promise<void> {
    const ifKilled = new Map(this.#retreats);
    for (const logGroup of logGroups) ifKilled.set(retreatKey(lane, logGroup), afterKill(now));
    await this.#save(ifKilled);
  }

  /** Notes that a slice was read: the next run reads more, one step per run. */
  succeeded(
    lane: Lane,
    logGroup: string,
    { widthMaxSeconds, isAllThereWas }: { widthMaxSeconds: number; isAllThereWas: boolean },
  ): void {
    const key = retreatKey(lane, logGroup);
    const before = this.#retreats.get(key);
    if (before === undefined) return;
    const after =
      isAllThereWas && before.step === 'whole' ? undefined : afterSuccess(before, widthMaxSeconds);
    if (after === undefined) this.#retreats.delete(key);
    else if (!this.#widened.has(key)) this.#retreats.set(key, after);
    this.#widened.add(key);
  }

  /** Notes that the run had not enough time for a slice. */
  timedOut(lane: Lane, logGroups: readonly string[], now: Retreat): void {
    const retreat = afterTimeout(now);
    for (const logGroup of logGroups) {
      const key = retreatKey(lane, logGroup);
      this.#retreats.set(key, retreat);
      this.#widened.add(key);
    }
    this.#log('warn', 'reading-retreats', { lane, logGroups, ...retreat });
  }

  /** Stores that nothing is being read. */
  async flush(): Promise<void> {
    await this.#save(this.#retreats);
  }

  async #save(retreats: Retreats): Promise<void> {
    const text = textOf(retreats);
    if (text === this.#stored) return;
    await saveRetreats(this.#table, retreats);
    this.#stored = text;
  }
}

function textOf(retreats: Retreats): string {
  return JSON.stringify([...retreats].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
