import { minuteMs } from '../../../lambda/common/time.ts';
import type { Finding, Severity } from '../../../lambda/model/finding.ts';
import { severityRank } from '../../../lambda/model/finding.ts';
import type { PackLane } from '../../../lambda/model/lane.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { placeKey, SessionError } from '../session/session.ts';
import { readingTick, type TickPlan } from '../session/ticks.ts';

/**
 * A privilege change whose lines arrive too late for the scan, and the sweep that should find it.
 */
export interface LateChange {
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
