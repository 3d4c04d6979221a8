import { queryTimes } from '../../lambda/model/windows.ts';
import type { Slice } from '../../lambda/plan/lanes.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import { type AskText, readPack as readPackSlice } from '../../lambda/scan/read-pack.ts';
import type { ObservedRow, RowReader, UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import type { InsightsEngine } from '../insights-engine/engine.ts';

/** What the pack found in a slice. */
export interface PackReading {
  readonly events: readonly ObservedRow[];
  readonly bytesScanned: number;
  /** Log groups in which a single second contains more events than a query can return. */
  readonly cutOff: readonly Slice[];
  readonly unreadable: readonly UnreadableRows[];
}

export type QueryRunner = Pick<InsightsEngine, 'run'>;

/**
 * Runs the pack's query over a slice with the monitor's own function, which continues where a
 * result was truncated.
 *
 * @param nowEpochMs events ingested later are not visible yet
 */
export async function readPack(
  engine: QueryRunner,
  plan: Pick<ScanPlan, 'candidates' | 'packRowsMax'>,
  { logGroups, window }: Slice,
  nowEpochMs: number,
  rowReader: RowReader,
): Promise<PackReading> {
  const ask: AskText = async ({ queryString, rowsMax }, slice, openSink) => {
    const { startTime, endTime } = queryTimes(slice.window);
    const { rows, statistics } = await engine.run({
      ...{ queryString, nowEpochMs, logGroups: slice.logGroups },
      ...{ startEpochSeconds: startTime, endEpochSeconds: endTime },
      ...(rowsMax !== undefined && { limit: rowsMax }),
    });
    const sink = openSink();
    const isCutOff = sink.take(rows) === 'enough';
    return {
      outcomes: new Map(slice.logGroups.map((group) => [group, { kind: 'scanned' }])),
      answers: [{ sink, isCutOff, logGroups: slice.logGroups }],
      bytesScanned: statistics.bytesScanned,
      doubts: 0,
    };
  };
  if (plan.candidates.length === 0)
    return { events: [], bytesScanned: 0, cutOff: [], unreadable: [] };
  const texts = [packText(plan.candidates, plan.packRowsMax)];
  const events: ObservedRow[] = [];
  const cutOff: Slice[] = [];
  const unreadable: UnreadableRows[] = [];
  let bytesScanned = 0;
  for (let { startEpochMs } = window; startEpochMs < window.endEpochMs; ) {
    const slice = { logGroups, window: { startEpochMs, endEpochMs: window.endEpochMs } };
    const readings = await readPackSlice({ ...rowReader, ask, texts, plan }, slice);
    for (const reading of readings) {
      for (const ofGroup of reading.events.values()) {
        for (const row of ofGroup) events.push(row);
      }
      unreadable.push(...reading.unreadable);
      bytesScanned += reading.bytesScanned;
      if (reading.flooded) cutOff.push({ logGroups: reading.logGroups, window: reading.window });
      startEpochMs = reading.window.endEpochMs;
    }
  }
  return { events, bytesScanned, cutOff, unreadable };
}
