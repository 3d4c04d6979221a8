import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { minuteMs } from '../../../lambda/common/time.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import { type Severity, severityRank } from '../../../lambda/model/severity.ts';
import type { PackLane } from '../../../lambda/model/windows.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { type ScanPlan, scanPlanFileName, scanPlanSchema } from '../../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import type { QueryFaultRule } from '../../aws-endpoints/logs/query-store.ts';
import { localPlace } from '../../aws-place.ts';
import { defaultSliceMs } from '../../replay/derive-findings.ts';
import { replayLogs } from '../../replay/replay-logs.ts';
import type { LateChangeResult, PackFault } from '../result/demo-result.ts';
import type { SynthesizedMonitor } from '../run/cloud-assembly.ts';
import type { LoadedSession } from '../session/load-session.ts';
import { placeKey, SessionError } from '../session/session.ts';
import { readingTick, type TickPlan } from '../session/ticks.ts';
import { answeredCandidates, packFaultRule } from './pack-fault.ts';

/** The scan plan of the synthesized monitor. */
async function readScanPlan({
  bundleFile,
}: Pick<SynthesizedMonitor, 'bundleFile'>): Promise<ScanPlan> {
  const planFile = join(dirname(bundleFile), scanPlanFileName);
  return scanPlanSchema.parse(JSON.parse(await readFile(planFile, 'utf8')));
}

/**
 * The findings of a synthesized monitor in a session when everything is read in order and nothing
 * is late. Uses the code of the command `replay`, which has neither ticks nor a ledger.
 *
 * @param answered the plan's candidates whose queries are answered; all by default
 */
async function undisturbedFindings(
  { engine, logGroups, mwaaEnvironment, tally }: LoadedSession,
  monitor: SynthesizedMonitor,
  answered?: ScanPlan['candidates'],
): Promise<readonly Finding[]> {
  const { config } = monitor;
  const plan = await readScanPlan(monitor);
  const range = {
    startEpochMs: Math.floor(tally.firstEventEpochMs / 1000) * 1000,
    endEpochMs: (Math.floor(tally.lastEventEpochMs / 1000) + 1) * 1000,
  };
  const { correlateSeconds } = config;
  const { findings } = await replayLogs(engine, {
    plan: { ...plan, candidates: answered ?? plan.candidates },
    verdicts: new Verdicts(plan.candidates),
    settings: { environment: mwaaEnvironment, correlateSeconds },
    region: localPlace.region,
    logGroups: logGroups.map(({ logGroup }) => logGroup),
    range,
    sliceMs: defaultSliceMs(range),
    nowEpochMs: (await engine.ingestionSpan())?.endEpochMs ?? range.endEpochMs,
  });
  return findings;
}

/**
 * A privilege change whose lines arrive too late for the scan, and the sweep that should find it.
 */
interface LateChange {
  readonly finding: Finding;
  readonly lane: Exclude<PackLane, 'scan'>;
  /** When all of its lines arrive. */
  readonly cameEpochMs: number;
  /** The tick that scanned the time of its first line, before it arrived. */
  readonly scannedTickEpochMs: number;
  /** The tick whose sweep finds it. */
  readonly foundTickEpochMs: number;
}

/**
 * Chooses privilege changes to delay, spread over the session: every other one, starting with the
 * first, until after the near sweep. If possible, one of them has a line with add-role, which the
 * documented query then misses.
 *
 * A change can be chosen when its lines belong to no other finding, when they can arrive after the
 * scan has passed all of them but within the sweep's reach, and when that sweep does not run in the
 * tick that catches up after an outage.
 *
 * @param findings the findings when nothing is late
 * @throws SessionError when fewer than `count` changes can be chosen
 */
export function chooseLateChanges(
  findings: readonly Finding[],
  count: number,
  plan: TickPlan,
  config: RuntimeConfig,
): LateChange[] {
  const uses = new Map<string, number>();
  for (const { evidence } of findings) {
    for (const key of new Set(evidence.map(placeKey))) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  const own = findings.filter(
    ({ severity, evidence }) =>
      isAlert(severity, config.alertAt) && evidence.every((line) => uses.get(placeKey(line)) === 1),
  );
  const chosen: LateChange[] = [];
  const taken = new Set<Finding>();
  for (let at = 0; at < count; at++) {
    const lane = at % 2 === 0 ? 'far' : 'near';
    const late = own
      .filter((finding) => !taken.has(finding))
      .flatMap((finding) => lateIn(lane, finding, plan, config) ?? []);
    const withAddRole = at === 0 ? late.find(({ finding }) => hasAddRole(finding)) : undefined;
    const next = withAddRole ?? late[Math.floor(((at + 0.5) / count) * late.length)];
    if (next === undefined) {
      throw new SessionError(
        `changes to delay: ${count}; only ${chosen.length} of the ${findings.length} in the logs can arrive late`,
      );
    }
    taken.add(next.finding);
    chosen.push(next);
  }
  return chosen.sort((a, b) => a.cameEpochMs - b.cameEpochMs);
}

/** When a change must arrive for one of the sweeps to find it. */
function lateIn(
  lane: LateChange['lane'],
  finding: Finding,
  plan: TickPlan,
  config: RuntimeConfig,
): LateChange | undefined {
  const ticksOf = (reader: PackLane) => [
    ...new Set(
      finding.evidence.map(({ timestamp }) =>
        readingTick(reader, Date.parse(timestamp), plan, config),
      ),
    ),
  ];
  const [found, ...others] = ticksOf(lane);
  const missedBy = [...ticksOf('scan'), ...(lane === 'far' ? ticksOf('near') : [])];
  if (found === undefined || others.length > 0 || catchesUp(found, plan)) return undefined;
  const passed = Math.max(...missedBy.map((tick) => tick ?? Number.POSITIVE_INFINITY));
  const happenedEpochMs = Date.parse(finding.firstSeen);
  const { lagMinutes } = lane === 'near' ? config.nearSweep : config.farSweep;
  // Lines that arrive within the reach are always found, whenever the sweep runs.
  const reachEpochMs = Math.min(found, happenedEpochMs + lagMinutes * minuteMs);
  if (passed >= reachEpochMs) return undefined;
  const scanned = readingTick('scan', happenedEpochMs, plan, config) ?? passed;
  return {
    ...{ finding, lane },
    cameEpochMs: Math.floor((passed + reachEpochMs) / 2),
    scannedTickEpochMs: scanned,
    foundTickEpochMs: found,
  };
}

function catchesUp(tick: number, { ticks, missed }: TickPlan): boolean {
  const before = ticks[ticks.indexOf(tick) - 1];
  return before !== undefined && missed.has(before);
}

function isAlert(severity: Severity, alertAt: Severity): boolean {
  return severityRank(severity) >= severityRank(alertAt);
}

function hasAddRole({ evidence }: Finding): boolean {
  return evidence.some(({ message }) => message.includes('add-role'));
}

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
