import type { Slice } from '../../lambda/lanes.ts';
import { type PackEvent, readPackRows } from '../../lambda/pack-rows.ts';
import type { PackQuery, ScanPlan } from '../../lambda/scan-plan.ts';
import { queryTimes } from '../../lambda/windows.ts';
import type { InsightsEngine } from '../insights-engine/engine.ts';
import type { EngineResult, ResultField } from '../insights-engine/engine-types.ts';

/** What the pack found in a slice. */
export interface PackReading {
  readonly events: readonly PackEvent[];
  readonly bytesScanned: number;
  /** Log groups of which a single second holds more than an answer can. */
  readonly cutOff: readonly Slice[];
}

export type QueryEngine = Pick<InsightsEngine, 'run'>;

/**
 * Asks every text of the pack over a slice. An answer that is full may be cut off: its window is
 * read again in halves, a single second group by group; what is full even then is named.
 *
 * @param nowEpochMs events that were ingested later are not there yet
 */
export async function readPack(
  engine: QueryEngine,
  plan: Pick<ScanPlan, 'packQueries' | 'packRowsMax'>,
  slice: Slice,
  nowEpochMs: number,
): Promise<PackReading> {
  const cutOff: Slice[] = [];
  let bytesScanned = 0;
  const ask = async (query: PackQuery, { logGroups, window }: Slice): Promise<EngineResult> => {
    const { startTime, endTime } = queryTimes(window);
    const result = await engine.run({
      queryString: query.queryString,
      logGroups,
      startEpochSeconds: startTime,
      endEpochSeconds: endTime,
      nowEpochMs,
    });
    bytesScanned += result.statistics.bytesScanned;
    return result;
  };
  const rowsOf = async (query: PackQuery, part: Slice): Promise<readonly Row[]> => {
    const { rows } = await ask(query, part);
    if (rows.length < plan.packRowsMax) return rows;
    const parts = partsOf(part);
    if (parts.length === 0) {
      cutOff.push(part);
      return rows;
    }
    const found: Row[] = [];
    for (const smaller of parts) found.push(...(await rowsOf(query, smaller)));
    return found;
  };
  const answers = [];
  for (const query of plan.packQueries) {
    const rows = await rowsOf(query, slice);
    answers.push({ query, rows: rows.map((row) => [...row]) });
  }
  return { events: readPackRows(answers), bytesScanned, cutOff };
}

type Row = readonly ResultField[];

/** Halves of the window on whole seconds; of a single second, its log groups; else nothing. */
function partsOf({ logGroups, window }: Slice): Slice[] {
  const { startEpochMs, endEpochMs } = window;
  const seconds = (endEpochMs - startEpochMs) / 1000;
  if (seconds > 1) {
    const middleEpochMs = startEpochMs + Math.floor(seconds / 2) * 1000;
    return [
      { logGroups, window: { startEpochMs, endEpochMs: middleEpochMs } },
      { logGroups, window: { startEpochMs: middleEpochMs, endEpochMs } },
    ];
  }
  if (logGroups.length === 1) return [];
  return logGroups.map((logGroup) => ({ logGroups: [logGroup], window }));
}
