import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { findingsIn } from '../ledger-view.ts';
import { detectionIds, refusableIds } from '../plan.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant } from './invariant.ts';
import { isOwnSpoilt, isSpoilt } from './spoilt.ts';

export const refusalsAreTold: Invariant = {
  rule: 'each detection that AWS refuses is reported in one finding a day, and no other detection is',
  watch: (world) => ({
    atEnd: () => {
      if (isOwnSpoilt(world) || isSpoilt(world, 'state')) return [];
      const { packFaults, timeline, config, time } = world;
      const titles = toldRefusals(world);
      const days = new Set([...timeline.tickEpochMs, time.nowEpochMs].map(dayOf)).size;
      const refused = packFaults.refusedUntil(time.nowEpochMs);
      // A whole period before the last tick: then it was asked for.
      const sinceMs = timeline.endEpochMs - config.everyMinutes * 60_000;
      const isAlone = packFaults.refusedUntil(time.nowEpochMs).size < refusableIds.length;
      const wanted = isAlone ? packFaults.refusedForEver(sinceMs) : new Set<string>();
      return refusableIds.flatMap((id) => {
        const found = titles.filter((title) => title.includes(`of detection ${id} `)).length;
        if (found > days) return [`${found} findings tell that ${id} is refused, in ${days} days`];
        if (found > 0 && !refused.has(id)) return [`${id} is told to be refused, and is not`];
        return found === 0 && wanted.has(id) ? [`nobody was told that ${id} is refused`] : [];
      });
    },
  }),
};

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

function toldRefusals({ dynamo, messages }: World): string[] {
  const told = new Set(messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
  return findingsIn(dynamo).flatMap(({ finding: { id, detections, title } }) =>
    detections[0] === 'detection-refused' && told.has(id) ? [title] : [],
  );
}

export const refusedAreCounted: Invariant = {
  rule: 'DetectionsRefused is the number of detections that are not looked for',
  watch: (world) => {
    let last: number | undefined;
    return {
      see: ({ step, input, error, epochMs }) => {
        if (step !== 'PutMetricData' || error !== undefined) return fine;
        const { MetricData = [] } = input as PutMetricDataCommandInput;
        const value = MetricData.find(
          ({ MetricName }) => MetricName === 'DetectionsRefused',
        )?.Value;
        if (value === undefined) return fine;
        last = value;
        // While it is searched for which they are, all may count whose text was refused with others.
        const isAny = world.schedule.packFaults.some(({ kind }) => kind !== 'pack-fails');
        const most = isAny ? detectionIds.length : 0;
        const begun = world.packFaults.refusedUntil(epochMs).size > 0;
        return value > most || (value > 0 && !begun && !hasMany(world))
          ? [`${value} detections are said to be refused`]
          : fine;
      },
      atEnd: () => {
        if (isSpoilt(world, 'state')) return [];
        const sinceMs = world.timeline.endEpochMs - world.config.everyMinutes * 60_000;
        const [least, most] = [
          world.packFaults.refusedForEver(sinceMs).size,
          world.packFaults.refusedUntil(world.time.nowEpochMs).size,
        ];
        return last !== undefined && last >= least && last <= most
          ? []
          : [`${last} detections are said to be refused in the end, of ${least} to ${most}`];
      },
    };
  },
};

function hasMany({ schedule }: World): boolean {
  return schedule.packFaults.some(({ kind }) => kind === 'too-many-refused');
}
