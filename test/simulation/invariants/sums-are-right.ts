import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { sliceKey } from '../../../lambda/ledger/marks.ts';
import { isSweep, packLanes } from '../../../lambda/model/windows.ts';
import { findingsIn, marksIn, slicesIn } from '../ledger-view.ts';
import { simulatedGroups } from '../schedule/lines.ts';
import type { World } from '../world/world.ts';
import { claimsIn } from './answers-behind.ts';
import { fine, type Invariant } from './invariant.ts';
import { isSpoilt } from './spoilt.ts';

export const matchesAddUp: Invariant = {
  rule: 'the maxima of AddRoleMatches add up to the events that were there when their slices were read',
  watch: (world) => {
    const { cloudWatch } = world;
    const counted = new Map<string, number>();
    return {
      see: (effect) => {
        // That each number is right is a rule of its own.
        for (const { logGroup, matches = 0 } of claimsIn(effect)) {
          counted.set(logGroup, (counted.get(logGroup) ?? 0) + matches);
        }
        return fine;
      },
      atEnd: () => {
        if (isSpoilt(world, 'slice', 'mark')) return [];
        return simulatedGroups.flatMap((logGroup) => {
          const [wanted, put] = [
            counted.get(logGroup) ?? 0,
            cloudWatch.sumOfMaxima('AddRoleMatches', logGroup),
          ];
          return wanted === put ? [] : [`${logGroup}: ${wanted} matches, and ${put} were put`];
        });
      },
    };
  },
};

export const findingsCountOnce: Invariant = {
  rule: 'each finding counts once in PrivilegeChanges, and once in LateChanges when a sweep found it and it is late',
  watch: (world) => ({ atEnd: () => problemsOf(world) }),
};

function problemsOf(world: World): string[] {
  if (isSpoilt(world, 'slice', 'mark', 'finding', 'event')) return [];
  const { dynamo, cloudWatch } = world;
  const gone = goneSlices(world);
  const counting = findingsIn(dynamo).filter(
    ({ countedIn }) => countedIn !== undefined && !gone.has(countedIn),
  );
  const isLate = ({ countedIn = '', finding }: FindingRecord) =>
    !countedIn.startsWith('scan#') && finding.late;
  const late = counting.filter(isLate).length;
  const lateSum = cloudWatch.sumOfMaxima('LateChanges');
  const approved = counting.filter((record) => record.approved).length;
  const approvedSum = cloudWatch.sumOfMaxima('SuppressedChanges');
  return [
    ...simulatedGroups.flatMap((name) => {
      const found = counting.filter(
        ({ logGroup, approved }) => logGroup === name && !approved,
      ).length;
      const sum = cloudWatch.sumOfMaxima('PrivilegeChanges', name);
      return found === sum ? [] : [`${name}: ${found} findings, and ${sum} were counted`];
    }),
    ...(approved === approvedSum
      ? []
      : [`${approved} approved findings, and ${approvedSum} were counted`]),
    ...(late === lateSum ? [] : [`${late} late findings, and ${lateSum} were counted`]),
  ];
}

/**
 * Slices that never came to be, so that what was found for them is told and counts nowhere: of a sweep
 * whose run was killed, and whose lines the log group forgot before it was done again; and the next one
 * of a log group that is gone for good.
 */
function goneSlices({ dynamo, groups }: World): Set<string> {
  const sweeps = packLanes.filter(isSweep);
  const forgotten = sweeps
    .flatMap((lane) => simulatedGroups.flatMap((name) => slicesIn(dynamo, lane, name)))
    .filter(({ outcome }) => outcome === 'gap');
  const next = marksIn(dynamo)
    .filter(({ logGroup }) => !groups.get(logGroup)?.facts.exists)
    .map(({ lane, logGroup, positionEpochMs }) => ({
      ...{ lane, logGroup, startEpochMs: positionEpochMs },
    }));
  return new Set([...forgotten, ...next].map(sliceKey));
}
