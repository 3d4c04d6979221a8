import { dayMs, floorTo } from '../../../lambda/common/time.ts';
import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { marksIn } from '../ledger-view.ts';
import type { World } from '../world/world.ts';
import { claimsIn } from './answers-behind.ts';
import type { Invariant } from './invariant.ts';
import { isSpoilt } from './spoilt.ts';

const dayOf = (epochMs: number) => floorTo(epochMs, dayMs);

/** The bytes of slices, in the order of their claims, by day; a lane of a log group never goes back a day. */
function bytesByDay(claims: readonly SliceRecord[]): Map<number, number> {
  const days = new Map<number, number>();
  let latest = 0;
  for (const { tickEpochMs, bytes } of claims) {
    latest = Math.max(latest, dayOf(tickEpochMs));
    days.set(latest, (days.get(latest) ?? 0) + bytes);
  }
  return days;
}

/** By day, the highest total that was put. */
function putByDay({ cloudWatch }: World): Map<number, number> {
  const days = new Map<number, number>();
  for (const [epochMs, value] of cloudWatch.maxima('DailyBytesScanned')) {
    const day = dayOf(epochMs);
    days.set(day, Math.max(value, days.get(day) ?? 0));
  }
  return days;
}

export const dailyBytesAddUp: Invariant = {
  rule: "a day's total has the bytes of each of its slices once, and the totals of all days never more than was scanned",
  watch: (world) => {
    const claims: SliceRecord[] = [];
    return {
      see: (effect) => {
        claims.push(...claimsIn(effect));
        return [];
      },
      atEnd: () => {
        if (isSpoilt(world, 'slice', 'mark')) return [];
        const marks = marksIn(world.dynamo);
        const [problems, slices]: [string[], number[]] = [[], []];
        const lastDay = Math.max(...marks.map((mark) => mark.scannedDay?.epochMs ?? 0));
        for (const { lane, logGroup, scannedDay } of marks) {
          const days = bytesByDay(
            claims.filter((claim) => claim.lane === lane && claim.logGroup === logGroup),
          );
          const wanted = scannedDay && (days.get(scannedDay.epochMs) ?? 0);
          if (wanted !== scannedDay?.bytes) {
            problems.push(
              `${lane} of ${logGroup}: ${wanted} bytes in slices, ${scannedDay?.bytes} in the mark`,
            );
          }
          slices.push(days.get(lastDay) ?? 0);
        }
        const put = putByDay(world);
        const ofSlices = slices.reduce((sum, bytes) => sum + bytes, 0);
        const ofLastDay = put.get(lastDay) ?? 0;
        if (ofLastDay < ofSlices) {
          problems.push(`the last day: ${ofSlices} bytes in slices, ${ofLastDay} were put`);
        }
        const ofAll = [...put.values()].reduce((sum, bytes) => sum + bytes, 0);
        const scanned = world.insights.bytesScanned();
        if (ofAll > scanned) problems.push(`${scanned} bytes were scanned, ${ofAll} were put`);
        return problems;
      },
    };
  },
};
