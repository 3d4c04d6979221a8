import { type SliceRecord, sliceKey, slicesCountedIn } from '../ledger/slice-record.ts';
import type { TickContext } from './tick-shell.ts';

type CountedContext = Pick<TickContext, 'table' | 'countedSlices'>;

/**
 * All slices that count in a tick. Reads the ledger once per invocation: while it holds the lease, nobody
 * else adds slices.
 */
export async function countedSlices(
  { table, countedSlices: known }: CountedContext,
  tickEpochMs: number,
): Promise<readonly SliceRecord[]> {
  const slices = known.get(tickEpochMs) ?? (await slicesCountedIn(table, tickEpochMs));
  known.set(tickEpochMs, slices);
  return slices;
}

/** Adds a slice whose record is in the ledger now. */
export async function addCounted(context: CountedContext, record: SliceRecord): Promise<void> {
  const slices = await countedSlices(context, record.tickEpochMs);
  if (slices.some((slice) => sliceKey(slice) === sliceKey(record))) return;
  context.countedSlices.set(record.tickEpochMs, [...slices, record]);
}
