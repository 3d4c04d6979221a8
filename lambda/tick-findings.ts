import { countFindings, type FindingCounts } from './count-findings.ts';
import type { FindingMaker } from './findings/finding-maker.ts';
import { type Published, type PublishShell, publishFindings } from './publish-findings.ts';
import { type RecordShell, recordPack } from './record-pack.ts';
import type { PackScan } from './scan-pack.ts';
import { type Slice, slicesUntil } from './slices.ts';
import type { Deadline } from './time.ts';
import { type Window, windowOfTick } from './windows.ts';

/**
 * What the pack has to read of the groups in a tick. A group that is new is read from the window's
 * start on, even if its first scan fails.
 */
export async function slicesOfTick(
  { ledger }: Pick<RecordShell, 'ledger'>,
  window: Window,
  logGroups: readonly string[],
): Promise<Slice[]> {
  const known = await ledger.loadWatermarks(logGroups);
  const started = logGroups.filter((logGroup) => !known.has(logGroup));
  if (started.length > 0) {
    const watermarks = new Map(started.map((logGroup) => [logGroup, window.startEpochMs]));
    await ledger.saveSlice({ streams: [], findings: [], watermarks });
  }
  return slicesUntil(window, logGroups, known);
}

/**
 * Keeps the findings of a tick and counts them.
 *
 * @returns undefined where nothing of the pack is known to be read to the end of the tick's window
 */
export async function findingsOfTick(
  shell: RecordShell,
  tickEpochMs: number,
  { logGroups, pack }: { readonly logGroups: readonly string[]; readonly pack: PackScan },
  findingMaker: FindingMaker,
): Promise<FindingCounts | undefined> {
  await recordPack(shell, tickEpochMs, pack, findingMaker);
  const { endEpochMs } = windowOfTick(tickEpochMs, shell.config);
  const watermarks = await shell.ledger.loadWatermarks(logGroups);
  const read = logGroups.filter((logGroup) => (watermarks.get(logGroup) ?? 0) >= endEpochMs);
  if (read.length === 0) return undefined;
  return countFindings(shell.ledger, tickEpochMs, read);
}

/** Publishes what is pending; never throws, since the metrics are still to be put. */
export async function publishPending(
  shell: PublishShell,
  findingMaker: FindingMaker,
  deadline: Deadline,
): Promise<Published> {
  try {
    return await publishFindings(shell, findingMaker, deadline);
  } catch (cause) {
    const failure = new Error('the pending findings cannot be read', { cause });
    return { notified: 0, undelivered: 0, failures: [failure] };
  }
}
