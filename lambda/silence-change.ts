import type { BlindCause, ExistingLogGroups, GroupCoverage } from './coverage.ts';
import type { OwnFinding } from './findings/own-finding.ts';
import {
  type GroupPast,
  type GroupSilence,
  historyUntil,
  type IncomingHistory,
  judgeSilence,
} from './group-silence.ts';
import type { MonitorState } from './ledger/monitor-state.ts';
import { iso } from './time.ts';

type SilenceState = NonNullable<MonitorState['silence']>;

/** What else a tick knows of the log groups. */
interface SilenceSurroundings {
  readonly groups: readonly GroupCoverage[];
  readonly existing: ExistingLogGroups;
  readonly tickEpochMs: number;
}

/** What a tick makes of the silences that people know of. */
export interface SilenceChange {
  readonly state: SilenceState;
  /** One for each log group that fell silent. */
  readonly findings: readonly OwnFinding[];
  /** What was judged; absent when there was nothing new to judge by. */
  readonly judged?: ReadonlyMap<string, GroupSilence>;
}

/** While a group is blind for one of these, nothing is written, or hardly anything. */
const writesNothing: ReadonlySet<BlindCause> = new Set([
  'environment-not-found',
  'disabled',
  'missing',
  'level-above-info',
]);
/** What people are told of already when a group is blind for one of these. */
const saysEnough: ReadonlySet<BlindCause> = new Set([...writesNothing, 'silent']);

/** Whether a tick has another whole hour to judge than the one before. */
export function isHistoryDue(before: MonitorState['silence'], tickEpochMs: number): boolean {
  return before?.judgedUntilEpochMs !== historyUntil(tickEpochMs);
}

/**
 * Compares the silences of the log groups with those that people were told of.
 *
 * A silence is told of once: it is known by the hour in which the group wrote last, and forgotten only
 * when it wrote again. That it did needs no answer from anybody, and is not told.
 *
 * @param history undefined when it was not asked for in this tick, or not answered
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
  const stillTold: Record<string, number> = {};
  const findings: OwnFinding[] = [];
  for (const group of groups) {
    const { logGroup, blind } = group;
    const sinceEpochMs = told[logGroup];
    const silence = judged.get(logGroup);
    if (sinceEpochMs !== undefined && !hasWrittenSince(history, logGroup, sinceEpochMs)) {
      stillTold[logGroup] = sinceEpochMs;
    } else if (silence?.kind === 'silent') {
      if (isOff(group) || (blind !== undefined && saysEnough.has(blind.cause))) continue;
      stillTold[logGroup] = silence.sinceEpochMs;
      findings.push(silentFinding(logGroup, silence, history.untilEpochMs));
    }
  }
  const state = { judgedUntilEpochMs: history.untilEpochMs, told: stillTold, offUntil };
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
