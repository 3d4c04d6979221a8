import { findingsIn } from '../ledger-view.ts';
import { userIn } from '../schedule/lines.ts';
import { toldChanges } from '../told-changes.ts';
import type { World } from '../world/world.ts';
import { isWholeBefore, packAnswersBehind, scannedIn } from './answers-behind.ts';
import { fine, type Invariant } from './invariant.ts';
import { isOwnSpoilt, isSpoiltChange } from './spoilt.ts';

export const whatWasReadIsTold: Invariant = {
  rule: 'a change is reported once one of its lines was read, whatever happens to its log group later',
  watch: (world) => {
    const read = new Set<string>();
    return {
      see: (effect) => {
        for (const claim of scannedIn(effect)) {
          for (const { shown, rowsGiven } of packAnswersBehind(effect, claim)) {
            for (const { message, logGroup, hostile, epochMs } of shown.slice(0, rowsGiven)) {
              const user = userIn(message);
              const isReal = hostile === undefined && saysWhat(message);
              const isHere = logGroup === claim.logGroup && epochMs < claim.endEpochMs;
              if (user !== undefined && isReal && isHere) read.add(user);
            }
          }
        }
        return fine;
      },
      atEnd: () => {
        const told = toldChanges(world);
        return world.changes
          .filter(
            (change) =>
              read.has(change.user) && !told.has(change) && !isSpoiltChange(world, change),
          )
          .map(
            ({ user, story }) => `a line of ${user} was read, and nobody was told (${story.kind})`,
          );
      },
    };
  },
};

/** Of the lines of a change all but those that only say that it failed. */
function saysWhat(message: string): boolean {
  return !message.includes('is already a member of role');
}

export const floodsAreTold: Invariant = {
  rule: 'a second that holds more rows than an answer is reported as a flood',
  watch: (world) => {
    /** By log group and the hour of the flood. */
    const floods = new Set<string>();
    const { packRowsMax } = world.plan;
    return {
      see: (effect) => {
        for (const claim of scannedIn(effect)) {
          const isFlood = packAnswersBehind(effect, claim).some(
            (query) =>
              query.answered &&
              query.rowsMax > packRowsMax &&
              !isWholeBefore(query, claim.endEpochMs),
          );
          if (isFlood) floods.add(floodName(claim.logGroup, claim.startEpochMs));
        }
        return fine;
      },
      atEnd: () => {
        if (isOwnSpoilt(world)) return [];
        const told = toldFloods(world);
        return [...floods]
          .filter((flood) => !told.has(flood))
          .map((flood) => `nobody was told of the flood in ${flood}`);
      },
    };
  },
};

function toldFloods({ dynamo, messages }: World): Set<string> {
  const told = new Set(messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
  return new Set(
    findingsIn(dynamo).flatMap(({ logGroup, finding: { id, detections, firstSeen } }) =>
      detections[0] === 'log-flood' && told.has(id)
        ? [floodName(logGroup, Date.parse(firstSeen))]
        : [],
    ),
  );
}

function floodName(logGroup: string, epochMs: number): string {
  return `${logGroup} at ${new Date(epochMs).toISOString().slice(0, 13)}`;
}
