import type { Finding } from '../../../lambda/model/finding.ts';
import { severityRank } from '../../../lambda/model/finding.ts';
import type { QueryFaultRule } from '../../aws-endpoints/logs/query-fault.ts';
import type { LateChangeResult, PackFault } from '../result/demo-result.ts';
import type { SynthesizedMonitor } from '../run/cloud-assembly.ts';
import type { LoadedSession } from '../session/load-session.ts';
import type { TickPlan } from '../session/ticks.ts';
import { chooseLateChanges, type LateChange } from './late-changes.ts';
import { answeredCandidates, packFaultRule } from './pack-fault.ts';
import { readScanPlan, undisturbedFindings } from './undisturbed.ts';

/** Injected delays, and the findings expected without them. */
export interface Disturbance {
  readonly lateChanges: readonly LateChangeResult[];
  /** Ids of the findings that an undisturbed run notifies. */
  readonly expectedIds: ReadonlySet<string>;
}

/**
 * Delays the lines of privilege changes in a loaded session.
 *
 * @param findings the findings when nothing is late
 * @throws SessionError when fewer than `count` can be late
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

/** Computes the undisturbed findings, then delays the lines of some of them. */
export async function disturb(
  session: LoadedSession,
  monitor: SynthesizedMonitor,
  count: number,
  plan: TickPlan,
): Promise<Disturbance> {
  const found = await undisturbedFindings(session, monitor);
  const expectedIds = new Set(alertIds(found, monitor));
  const lateChanges = await delayChanges(session, monitor, found, { count, plan });
  return { lateChanges, expectedIds };
}

/** The ids of the findings severe enough to notify. */
function alertIds(
  findings: readonly Finding[],
  { config: { alertAt } }: Pick<SynthesizedMonitor, 'config'>,
): string[] {
  return findings
    .filter(({ severity }) => severityRank(severity) >= severityRank(alertAt))
    .map(({ id }) => id);
}

/** A fault of Logs Insights and its expected effect on a run. */
export interface FaultyPack {
  readonly fault: PackFault;
  readonly rule: QueryFaultRule;
  readonly candidates: number;
  /** Ids of the findings notified without the fault. */
  readonly undisturbedIds: readonly string[];
  /** Ids of the findings notified with it. */
  readonly expectedIds: ReadonlySet<string>;
}

/** @throws SessionError for a detection that the monitor does not have */
export async function faultyPack(
  session: LoadedSession,
  monitor: SynthesizedMonitor,
  fault: PackFault,
): Promise<FaultyPack> {
  const plan = await readScanPlan(monitor);
  const rule = packFaultRule(fault, plan);
  const answered = answeredCandidates(fault, plan);
  const found = answered.length === 0 ? [] : await undisturbedFindings(session, monitor, answered);
  return {
    ...{ fault, rule, candidates: plan.candidates.length },
    undisturbedIds: alertIds(await undisturbedFindings(session, monitor), monitor),
    expectedIds: new Set(alertIds(found, monitor)),
  };
}
