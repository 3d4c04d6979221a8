import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { type Severity, severityRank } from '../../../lambda/model/severity.ts';
import { findingsIn } from '../ledger-view.ts';
import type { ChangePlan } from '../schedule/lines.ts';
import { isCalm } from '../schedule/schedule.ts';
import { readMessage } from '../services/sns.ts';
import { isAbout } from '../told-changes.ts';
import type { World } from '../world/world.ts';
import { changesToTell } from './every-change-told.ts';
import { fine, type Invariant } from './invariant.ts';

/** How a finding was reported, over all messages that name it. */
interface Told {
  /** The tick of the first of them. */
  readonly tickEpochMs: number;
  readonly severity: Severity;
}

/** A change must be reported at most this many ticks after the first tick that could report it. */
const ticksMax = 2;

export const nobodyElseMatters: Invariant = {
  rule: "no line of one actor delays or lowers another actor's finding",
  watch: (world) => {
    const told = new Map<string, Told>();
    return {
      see: ({ step, error, input, invocation: { tickEpochMs } }) => {
        if (step !== 'Publish' || error !== undefined) return fine;
        for (const { id = '', severity } of readMessage(input as PublishCommandInput).findings) {
          if (severity === undefined) continue;
          const before = told.get(id);
          const worse = before && severityRank(before.severity) > severityRank(severity);
          told.set(id, {
            tickEpochMs: Math.min(before?.tickEpochMs ?? tickEpochMs, tickEpochMs),
            severity: worse ? before.severity : severity,
          });
        }
        return fine;
      },
      atEnd: () => {
        const records = findingsIn(world.dynamo);
        return changesToTell(world).flatMap((change) => {
          const of = records
            .filter((record) => isAbout(record, change))
            .flatMap(({ finding }) => told.get(finding.id) ?? []);
          // That it is told at all is a rule of its own.
          return of.length === 0 ? [] : problemsOf(world, change, of);
        });
      },
    };
  },
};

function problemsOf(world: World, change: ChangePlan, told: readonly Told[]): string[] {
  const { user, story } = change;
  const worst = Math.max(...told.map(({ severity }) => severityRank(severity)));
  const first = Math.min(...told.map(({ tickEpochMs }) => tickEpochMs));
  const wanted = leastSeverity(world, change);
  const latest = latestTickEpochMs(world, change);
  return [
    ...(worst < severityRank(wanted)
      ? [`${user} (${story.kind}) is told milder than ${wanted}`]
      : []),
    ...(latest !== undefined && first > latest
      ? [
          `${user} (${story.kind}) is told in the tick of ${new Date(first).toISOString()}, not by ${new Date(latest).toISOString()}`,
        ]
      : []),
  ];
}

/**
 * What a change is told as when nobody else writes anything. Covered by hostile lines of its own author,
 * it may not fall below medium; nor may a request that could have been what was refused right before.
 */
function leastSeverity(
  { schedule: { hostileActs } }: World,
  { story: { kind, role }, isCovered }: ChangePlan,
): Severity {
  const byRole = role === 'Admin' ? 'critical' : 'high';
  switch (kind) {
    case 'outcome-only':
    case 'echo-and-outcome':
      return byRole;
    case 'echo-only':
    case 'failed':
      return 'medium';
    case 'sql':
      return isCovered ? 'medium' : 'critical';
    case 'security-manager':
    case 'web-rest':
      return 'high';
    case 'web-form':
      return hostileActs.some((act) => act.kind === 'forged-denial') ? 'medium' : 'high';
  }
}

/** Undefined where other faults may be what holds it up, or a line of it comes late. */
function latestTickEpochMs(
  { schedule, timeline, config }: World,
  { lines, story: { kind } }: ChangePlan,
): number | undefined {
  const settleMs = config.settleMinutes * 60_000;
  const isUsual = lines.every(({ visibleEpochMs, epochMs }) => visibleEpochMs - epochMs < settleMs);
  if (!isCalm(schedule) || !isUsual) return undefined;
  const isKnownAtOnce = kind === 'outcome-only' || kind === 'echo-and-outcome';
  const holdMs = isKnownAtOnce ? 0 : config.correlateSeconds * 1000;
  const last = Math.max(...lines.map(({ epochMs }) => epochMs));
  const due = timeline.tickEpochMs.findIndex((tickMs) => tickMs - settleMs > last + holdMs);
  return due < 0 ? undefined : timeline.tickEpochMs[due + ticksMax];
}
