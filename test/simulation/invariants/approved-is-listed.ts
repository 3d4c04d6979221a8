import { approvedDigestKey } from '../../../lambda/findings/approved-digest.ts';
import { dataOf, findingsIn } from '../ledger-view.ts';
import { simulatedEnvironment } from '../schedule/lines.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';
import { isOwnSpoilt, isSpoiltAbout } from './spoilt.ts';

export const approvedIsListed: Invariant = {
  rule: 'each approved finding is listed once, in the digest of the day it was recorded',
  watch: (world) => ({
    atEnd: () => {
      if (isOwnSpoilt(world)) return [];
      const throughEpochMs = listedThrough(world);
      return findingsIn(world.dynamo).flatMap(({ finding, silenced }) => {
        if (silenced === undefined || silenced.dayEpochMs >= throughEpochMs) return [];
        if (isSpoiltAbout(world, finding.id)) return [];
        const lists = listsOf(world, silenced.dayEpochMs);
        const times = lists?.map((list) => list.filter((id) => id === finding.id).length) ?? [0];
        return times.every((count) => count === 1)
          ? []
          : [`${finding.title} is listed ${times.join(' and ')} times on its day`];
      });
    },
  }),
};

/** What was approved before it has its digest. */
function listedThrough({ dynamo }: World): number {
  const [state] = dynamo.partition('state').filter(({ sk }) => sk?.S === 'state');
  const known = state && dataOf<{ readonly silencedThroughEpochMs?: number }>(state);
  return known?.silencedThroughEpochMs ?? 0;
}

/**
 * The ids in each message about a day's digest: several where nobody knew whether one went out. A
 * message about many findings has its lists in its mail alone.
 *
 * @returns undefined where no message was about it
 */
function listsOf({ messages }: World, dayEpochMs: number): string[][] | undefined {
  const { id } = approvedDigestKey(dayEpochMs, simulatedEnvironment).finding;
  const about = messages.filter(({ findings }) => findings.some((finding) => finding.id === id));
  if (about.length === 0) return undefined;
  return about
    .filter(({ kind }) => kind === 'finding')
    .map(({ findings: [digest] }) =>
      (digest?.evidence ?? []).map(({ message }) => /\[([0-9a-f]{32})\]$/.exec(message)?.[1] ?? ''),
    );
}
