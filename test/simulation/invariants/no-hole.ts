import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { lanes } from '../../../lambda/model/windows.ts';
import { findingsIn, type MarkView, marksIn, slicesIn } from '../ledger-view.ts';
import { simulatedGroups } from '../schedule/lines.ts';
import { clockTime } from '../world/chronicle.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';
import { isOwnSpoilt, isSpoilt } from './spoilt.ts';

export const noHole: Invariant = {
  rule: 'for each log group, scanned spans and reported gaps together leave no hole',
  watch: (world) => ({
    atEnd: () => {
      const marks = marksIn(world.dynamo);
      // A lane whose mark is lost begins again, and a slice's record is not written twice.
      if (isSpoilt(world, 'mark', 'slice') || isOwnSpoilt(world)) return [];
      return marks.length === lanes.length * simulatedGroups.length
        ? marks.flatMap((mark) => holesOf(world, mark))
        : ['there is not one mark for each log group and lane'];
    },
  }),
};

function holesOf(world: World, mark: MarkView): string[] {
  const { lane, logGroup, sinceEpochMs, positionEpochMs } = mark;
  const slices = slicesIn(world.dynamo, lane, logGroup);
  const problems: string[] = [];
  let atEpochMs = sinceEpochMs;
  for (const slice of slices) {
    if (slice.startEpochMs !== atEpochMs) {
      const [from, to] = [clockTime(atEpochMs), clockTime(slice.startEpochMs)];
      problems.push(`${lane} of ${logGroup}: not seamless from ${from} to ${to}`);
    }
    atEpochMs = slice.endEpochMs;
    if (isNews(slice, mark) && !isPublished(world, slice)) {
      problems.push(`${logGroup}: the gap from ${clockTime(slice.startEpochMs)} was not published`);
    }
  }
  if (atEpochMs !== positionEpochMs) {
    problems.push(`${lane} of ${logGroup} stands at ${clockTime(positionEpochMs)}, not at its end`);
  }
  return problems;
}

/** That a group is younger than its first slice is no news: nobody was promised to see it. */
function isNews({ outcome, lane, startEpochMs }: SliceRecord, { sinceEpochMs }: MarkView): boolean {
  return outcome === 'gap' && lane === 'scan' && startEpochMs > sinceEpochMs;
}

function isPublished(
  { dynamo, messages }: World,
  { startEpochMs, endEpochMs, logGroup }: SliceRecord,
): boolean {
  const told = new Set(messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
  return findingsIn(dynamo).some(
    ({ finding: { id, detections, firstSeen, lastSeen }, ...record }) =>
      detections[0] === 'coverage-gap' &&
      record.logGroup === logGroup &&
      Date.parse(firstSeen) === startEpochMs &&
      Date.parse(lastSeen) === endEpochMs &&
      told.has(id),
  );
}
