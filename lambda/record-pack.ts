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
}

/**
 * Makes findings of what the pack found, and keeps them together with what the correlation has to
 * remember. Nobody is told yet.
 */
export async function recordPack(
  { log, ledger, config }: RecordShell,
  tickEpochMs: number,
  { events, horizons }: Pick<PackScan, 'events' | 'horizons'>,
  findingMaker: Pick<FindingMaker, 'observe' | 'present' | 'isApproved'>,
): Promise<void> {
  if (horizons.size === 0) return;
  const { alertAt, correlateSeconds, mwaaEnvironment: environment } = config;
  const observed = events.map((event) => findingMaker.observe(event));
  const { streams, changes } = correlateSlice(
    await ledger.loadStreams([...horizons.keys()]),
    observed.filter(({ signals }) => signals.length > 0),
    horizons,
    { environment, correlateSeconds },
  );
  // Evidence that nothing else came to join is no finding.
  const told = changes.filter(({ change }) => change.severity !== 'info');
  const known = await ledger.loadFindings(told.map(({ change }) => change.id));
  const findings = told.map(({ logGroup, change }): FindingRecord => {
    // Detected at the tick and not by the clock: a repeated tick says the same.
    const finding = findingMaker.present(change, tickEpochMs);
    const found = { finding, logGroup, approved: findingMaker.isApproved(change) };
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
