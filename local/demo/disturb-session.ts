import { severityRank } from '../../lambda/findings/change.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { SynthesizedMonitor } from './cloud-assembly.ts';
import type { LateChangeResult } from './demo-result.ts';
import { chooseLateChanges, type LateChange } from './late-changes.ts';
import type { LoadedSession } from './load-session.ts';
import type { TickPlan } from './ticks.ts';
import { undisturbedFindings } from './undisturbed.ts';

/** What was done to a run, and what is found without. */
export interface Disturbance {
  readonly lateChanges: readonly LateChangeResult[];
  /** Ids of the findings that people would be told of otherwise. */
  readonly expectedIds: ReadonlySet<string>;
}

/**
 * Makes privilege changes of a loaded session come in late.
 *
 * @param findings what is found in it when nothing is late
 * @throws SessionError when so many cannot be late
 */
async function delayChanges(
  { engine }: Pick<LoadedSession, 'engine'>,
  { config }: Pick<SynthesizedMonitor, 'config'>,
  findings: readonly Finding[],
  { count, plan }: { readonly count: number; readonly plan: TickPlan },
): Promise<LateChangeResult[]> {
  const results: LateChangeResult[] = [];
  for (const change of chooseLateChanges(findings, count, plan, config)) {
    results.push(await delay(engine, change));
  }
  return results;
}

async function delay(
  engine: LoadedSession['engine'],
  { finding, lane, cameEpochMs, scannedTickEpochMs, foundTickEpochMs }: LateChange,
): Promise<LateChangeResult> {
  const places = finding.evidence.map(({ logGroup, logStream, timestamp }) => ({
    ...{ logGroup, logStream },
    timestamp: Date.parse(timestamp),
  }));
  const addRoleEvents: Record<string, number> = {};
  for (const place of places) {
    const messages = await engine.setIngestion(place, cameEpochMs);
    const matches = messages.filter((message) => message.includes('add-role')).length;
    addRoleEvents[place.logGroup] = (addRoleEvents[place.logGroup] ?? 0) + matches;
  }
  const { id: findingId, title, severity, firstSeen } = finding;
  return {
    ...{ findingId, title, severity, lane, places, addRoleEvents },
    ...{ cameEpochMs, scannedTickEpochMs, foundTickEpochMs },
    happenedEpochMs: Date.parse(firstSeen),
  };
}

/** Makes changes come late, after it is known what is found without that. */
export async function disturb(
  session: LoadedSession,
  monitor: SynthesizedMonitor,
  count: number,
  plan: TickPlan,
): Promise<Disturbance> {
  const found = await undisturbedFindings(session, monitor);
  const lateChanges = await delayChanges(session, monitor, found, { count, plan });
  const alerts = found.filter(
    ({ severity }) => severityRank(severity) >= severityRank(monitor.config.alertAt),
  );
  return { lateChanges, expectedIds: new Set(alerts.map(({ id }) => id)) };
}
