import { cutText } from '../common/text.ts';
import { iso } from '../common/time.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import type { GroupState, MonitorState } from '../ledger/monitor-state.ts';
import type { BlindCause, ExistingLogGroups, GroupCoverage } from '../model/coverage.ts';
import {
  type GroupPast,
  type GroupSilence,
  historyUntil,
  type IncomingHistory,
  judgeSilence,
} from './group-silence.ts';

/** How a tick changes the coverage that was reported last. */
interface CoverageChange {
  readonly groups: MonitorState['groups'];
  /** One finding for all groups that changed; absent when none did. */
  readonly finding?: OwnFinding;
}

/** The state of a log type that may be off and is. */
const offAsAllowed = 'off';

const titleCharactersMax = 1_000;
/**
 * Characters for each of the five log groups: its name, the cause, and the start of AWS's message.
 */
const sentenceRoom = 150;

/** A failed query is retried; other alarms report it if it continues to fail. */
const passing: ReadonlySet<BlindCause> = new Set(['scan-failed']);

/**
 * Compares the coverage of a tick with what was reported last.
 *
 * A group that was never reported counts as covered, so that a monitor which begins blind reports
 * it.
 */
export function coverageChange(
  before: MonitorState['groups'],
  coverage: readonly GroupCoverage[],
  tickEpochMs: number,
): CoverageChange {
  const groups: Record<string, GroupState> = {};
  const changed: { group: GroupCoverage; before: GroupState; cause: string | null }[] = [];
  for (const group of coverage) {
    const known = before[group.logGroup] ?? { cause: null, sinceTickEpochMs: 0 };
    const isPassing = group.blind !== undefined && passing.has(group.blind.cause);
    const stateOf = group.off === undefined ? (group.blind?.cause ?? null) : offAsAllowed;
    const cause = isPassing ? known.cause : stateOf;
    // A log type that may be off was probably never on: finding it off at the first look is no
    // change.
    const isFirstLook = before[group.logGroup] === undefined && group.off !== undefined;
    const same = cause === known.cause || isFirstLook;
    groups[group.logGroup] =
      same && !isFirstLook ? known : { cause, sinceTickEpochMs: tickEpochMs };
    if (!same) changed.push({ group, before: known, cause });
  }
  if (changed.length === 0) return { groups };
  const since = Math.min(...changed.map((change) => change.before.sinceTickEpochMs));
  const isBlind = changed.some(({ cause }) => cause !== null && cause !== offAsAllowed);
  return {
    groups,
    finding: {
      detection: 'coverage-changed',
      // Must not depend on the tick: if this invocation dies before the finding is saved, the next
      // one must produce the same id.
      identity: changed.map(({ group, before: { sinceTickEpochMs }, cause }) =>
        JSON.stringify([group.logGroup, sinceTickEpochMs, cause]),
      ),
      severity: isBlind ? 'high' : 'low',
      title: joined(changed.map(sentence)),
      logGroups: changed.map(({ group }) => group.logGroup),
      startEpochMs: isBlind ? tickEpochMs : since,
      endEpochMs: tickEpochMs,
    },
  };
}

/**
 * Joins them, with room for each: a long message from AWS about one group must not cut off the
 * others.
 */
function joined(sentences: readonly string[]): string {
  const separator = '; ';
  let left = titleCharactersMax;
  const cut = sentences.map((text, at) => {
    const following = sentences.length - at - 1;
    const shown = cutText(text, left - following * (sentenceRoom + separator.length));
    left -= shown.length + separator.length;
    return shown;
  });
  return cut.join(separator);
}

function sentence({
  group: { logGroup, blind, off },
  before,
}: {
  readonly group: GroupCoverage;
  readonly before: GroupState;
}): string {
  if (blind !== undefined)
    return `log group ${logGroup} is blind (${blind.cause}: ${blind.detail})`;
  if (off !== undefined) {
    return `log group ${logGroup} is off (${off.cause}: ${off.detail}), as the environment's file allows; what happens meanwhile is not logged`;
  }
  const since = new Date(before.sinceTickEpochMs).toISOString();
  const unwritten = before.cause !== null && neverWritten.has(before.cause);
  return `log group ${logGroup} is covered again; it was ${before.cause === offAsAllowed ? 'off' : `blind (${before.cause})`} since ${since}${unwritten ? ', and what happened in that time was never logged' : ''}`;
}

/** Causes during which nothing was logged, so that catching up cannot find it. */
const neverWritten: ReadonlySet<string> = new Set<BlindCause | typeof offAsAllowed>([
  offAsAllowed,
  'disabled',
  'missing',
  'level-above-info',
]);

type SilenceState = NonNullable<MonitorState['silence']>;

/** What else a tick knows about the log groups. */
interface SilenceSurroundings {
  readonly groups: readonly GroupCoverage[];
  readonly existing: ExistingLogGroups;
  readonly tickEpochMs: number;
}

/** How a tick changes the silences that were reported. */
interface SilenceChange {
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
