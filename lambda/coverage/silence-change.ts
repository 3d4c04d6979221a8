import { iso } from '../common/time.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import type { BlindCause, ExistingLogGroups, GroupCoverage } from '../model/coverage.ts';
import {
  type GroupPast,
  type GroupSilence,
  historyUntil,
  type IncomingHistory,
  judgeSilence,
} from './group-silence.ts';

type SilenceState = NonNullable<MonitorState['silence']>;

/** What else a tick knows about the log groups. */
interface SilenceSurroundings {
  readonly groups: readonly GroupCoverage[];
  readonly existing: ExistingLogGroups;
  readonly tickEpochMs: number;
}

/** How a tick changes the silences that were reported. */
export interface SilenceChange {
  readonly state: SilenceState;
  /** One finding for each log group that fell silent. */
  readonly findings: readonly OwnFinding[];
  /** The judgement of each log group; absent when there was no new history. */
  readonly judged?: ReadonlyMap<string, GroupSilence>;
}

/** While a group is blind for one of these causes, it writes nothing, or hardly anything. */
const writesNothing: ReadonlySet<BlindCause> = new Set([
  'environment-not-found',
  'disabled',
  'missing',
  'level-above-info',
]);
/** While a group is blind for one of these causes, its silence is reported already. */
const saysEnough: ReadonlySet<BlindCause> = new Set([...writesNothing, 'silent']);

/** Whether the history has a whole hour that earlier ticks have not judged. */
export function isHistoryDue(before: MonitorState['silence'], tickEpochMs: number): boolean {
  return before?.judgedUntilEpochMs !== historyUntil(tickEpochMs);
}

/**
 * Compares the silences of the log groups with those that were reported.
 *
 * A silence is reported once. It is identified by the hour in which the group wrote last, and
 * removed from the state only when the group writes again, which needs no reaction and is not
 * reported.
 *
 * @param history undefined when this tick did not load it, or could not
 */
export function silenceChange(
  before: SilenceState | undefined,
  history: IncomingHistory | undefined,
  { groups, existing, tickEpochMs }: SilenceSurroundings,
): SilenceChange {
  const offUntil = Object.fromEntries(
    groups.flatMap((group) => {
      const { logGroup } = group;
      const until = isOff(group) ? tickEpochMs : before?.offUntil[logGroup];
      return until === undefined ? [] : [[logGroup, until]];
    }),
  );
  const told = before?.told ?? {};
  if (history === undefined) {
    const { judgedUntilEpochMs } = before ?? {};
    return { state: { judgedUntilEpochMs, told, offUntil }, findings: [] };
  }
  const facts = existing.kind === 'known' ? existing.logGroups : undefined;
  const pasts = groups.map(({ logGroup }): [string, GroupPast] => {
    const { createdEpochMs } = facts?.get(logGroup) ?? {};
    return [logGroup, { createdEpochMs, offUntilEpochMs: offUntil[logGroup] }];
  });
  const judged = judgeSilence(history, new Map(pasts));
  const stillReported: Record<string, number> = {};
  const findings: OwnFinding[] = [];
  for (const group of groups) {
    const { logGroup, blind } = group;
    const sinceEpochMs = told[logGroup];
    const silence = judged.get(logGroup);
    if (sinceEpochMs !== undefined && !hasWrittenSince(history, logGroup, sinceEpochMs)) {
      stillReported[logGroup] = sinceEpochMs;
    } else if (silence?.kind === 'silent') {
      if (isOff(group) || (blind !== undefined && saysEnough.has(blind.cause))) continue;
      stillReported[logGroup] = silence.sinceEpochMs;
      findings.push(silentFinding(logGroup, silence, history.untilEpochMs));
    }
  }
  const state = { judgedUntilEpochMs: history.untilEpochMs, told: stillReported, offUntil };
  return { state, findings, judged };
}

function isOff({ blind, off }: Pick<GroupCoverage, 'blind' | 'off'>): boolean {
  return off !== undefined || (blind !== undefined && writesNothing.has(blind.cause));
}

function hasWrittenSince(
  { wroteEpochMs }: IncomingHistory,
  logGroup: string,
  sinceEpochMs: number,
): boolean {
  return [...(wroteEpochMs.get(logGroup) ?? [])].some((hour) => hour >= sinceEpochMs);
}

function silentFinding(
  logGroup: string,
  { sinceEpochMs, missedEpochMs, wroteOnDays, aliveGroups }: GroupSilence & { kind: 'silent' },
  untilEpochMs: number,
): OwnFinding {
  const hour = new Date(missedEpochMs).toISOString().slice(11, 16);
  const days = wroteOnDays === 7 ? 'each' : `${wroteOnDays}`;
  return {
    detection: 'log-group-silent',
    identity: [logGroup, sinceEpochMs],
    severity: 'low',
    title: `log group ${logGroup} fell silent: no event came in from ${iso(sinceEpochMs)} to ${iso(untilEpochMs)}, though in the hour of ${hour} UTC it wrote on ${days} of the seven days before, and ${aliveGroups.join(', ')} went on writing`,
    logGroups: [logGroup],
    startEpochMs: sinceEpochMs,
    endEpochMs: untilEpochMs,
  };
}
