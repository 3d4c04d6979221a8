import { correlateSlice } from './findings/correlate-slice.ts';
import type { FindingMaker } from './findings/finding-maker.ts';
import { type FindingRecord, recordFinding } from './findings/finding-record.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import type { PackScan } from './scan-pack.ts';

export interface RecordShell {
  readonly log: Log;
  readonly ledger: Ledger;
  readonly config: RuntimeConfig;
  readonly findingMaker: FindingMaker;
}

/**
 * Makes findings of what the pack found, and keeps them together with what the correlation has to
 * remember. Nobody is told yet.
 */
export async function recordPack(
  { log, ledger, config, findingMaker }: RecordShell,
  tickEpochMs: number,
  { events, horizons }: Pick<PackScan, 'events' | 'horizons'>,
): Promise<void> {
  if (horizons.size === 0) return;
  const { alertAt, correlateSeconds, mwaaEnvironment } = config;
  const { streams, changes } = correlateSlice(
    await ledger.loadStreams([...horizons.keys()]),
    events.map((event) => findingMaker.observe(event)).filter(({ signals }) => signals.length > 0),
    horizons,
    { environment: mwaaEnvironment, correlateSeconds },
  );
  const known = await ledger.loadFindings(changes.map(({ change }) => change.id));
  const findings = changes.map(({ logGroup, change }): FindingRecord => {
    const finding = findingMaker.present(change, tickEpochMs);
    const approved = findingMaker.isApproved(change);
    const found = { finding, logGroup, approved };
    return recordFinding(known.get(change.id), found, { tickEpochMs, alertAt });
  });
  await ledger.saveSlice({ streams, findings, watermarks: horizons });
  for (const { finding, logGroup, approved, delivery } of findings) {
    const { id, severity, outcome, detections } = finding;
    log('info', 'finding-recorded', {
      ...{ id, logGroup, severity, outcome, detections, approved, isNew: !known.has(id) },
      // The dashboard counts by it: a list cannot be counted by.
      detection: detections[0],
      delivery: delivery.status,
    });
  }
}

/** What a tick's metrics say of findings. */
export interface FindingCounts {
  /** By log group, the findings at or above `alertAt` that nobody approved. */
  readonly privilegeChanges: ReadonlyMap<string, number>;
  readonly suppressedChanges: number;
}

/**
 * Counts the findings of a tick: the same again when the tick is repeated.
 *
 * @param logGroups that were read to the tick's end: they have an explicit zero
 */
export async function countFindings(
  ledger: Ledger,
  tickEpochMs: number,
  logGroups: readonly string[],
): Promise<FindingCounts> {
  const records = await ledger.findingsCountedIn(tickEpochMs);
  const privilegeChanges = new Map(logGroups.map((logGroup) => [logGroup, 0]));
  for (const { logGroup, approved } of records) {
    if (!approved) privilegeChanges.set(logGroup, (privilegeChanges.get(logGroup) ?? 0) + 1);
  }
  return {
    privilegeChanges,
    suppressedChanges: records.filter(({ approved }) => approved).length,
  };
}
