import { cutText } from '../common/cut-text.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import type { GroupState, MonitorState } from '../ledger/monitor-state.ts';
import type { BlindCause, GroupCoverage } from '../model/coverage.ts';

/** How a tick changes the coverage that was reported last. */
export interface CoverageChange {
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
