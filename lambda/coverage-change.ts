import type { BlindCause, GroupCoverage } from './coverage.ts';
import { cutText } from './cut-text.ts';
import type { OwnFinding } from './findings/own-finding.ts';
import type { GroupState, MonitorState } from './ledger/monitor-state.ts';

/** What a tick makes of the coverage that people know of. */
export interface CoverageChange {
  readonly groups: MonitorState['groups'];
  /** One for all groups that changed; absent when none did. */
  readonly finding?: OwnFinding;
}

/** The state of a log type that may be off, and is. */
const offAsAllowed = 'off';

const titleCharactersMax = 1_000;
/** Of each of the five log groups: its name, the cause, and how AWS's words begin. */
const sentenceRoom = 150;

/** A query that failed is tried again; other alarms tell of it when it goes on. */
const passing: ReadonlySet<BlindCause> = new Set(['scan-failed']);

/**
 * Compares the coverage of a tick with what people were told last.
 *
 * A group that nothing was told of yet is taken for covered, so that a monitor which begins blind says
 * so.
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
    // What may be off may have been off for ever.
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
      // Not by the tick: an invocation that ends before it is kept is followed by another one.
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

/** With room for each of them: what AWS said of one log group must not take the place of the others. */
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
    return `log group ${logGroup} is off (${off.cause}: ${off.detail}), as the environment's file allows; what happens meanwhile is not written there`;
  }
  const since = new Date(before.sinceTickEpochMs).toISOString();
  const unwritten = before.cause !== null && neverWritten.has(before.cause);
  return `log group ${logGroup} is covered again; it was ${before.cause === offAsAllowed ? 'off' : `blind (${before.cause})`} since ${since}${unwritten ? ', and what happened in that time was never written' : ''}`;
}

/** Of these no catching up brings back what was not logged. */
const neverWritten: ReadonlySet<string> = new Set<BlindCause | typeof offAsAllowed>([
  offAsAllowed,
  'disabled',
  'missing',
  'level-above-info',
]);
