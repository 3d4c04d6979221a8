import fc from 'fast-check';
import { minuteMs } from '../../../lambda/common/time.ts';
import { isSweep, type Lane, lanes } from '../../../lambda/model/windows.ts';
import {
  dividesHourOrDay,
  firstPosition,
  laneTarget,
  nextSlice,
} from '../../../lambda/plan/runtime-config.ts';

const everyMinutes = fc.integer({ min: 1, max: 1440 }).filter(dividesHourOrDay);
const sweep = fc.record({ everyMinutes, lagMinutes: fc.integer({ min: 1, max: 20_160 }) });
const config = fc.record({
  settleMinutes: fc.integer({ min: 0, max: 60 }),
  nearSweep: sweep,
  farSweep: sweep,
});
const tick = fc.integer({ min: 25_000_000, max: 45_000_000 }).map((minutes) => minutes * minuteMs);
const anyLane = fc.constantFrom(...lanes);

/** How late an event may come to be found by a lane, and how much later than that it is read. */
function promise(
  lane: Lane,
  { settleMinutes, nearSweep, farSweep }: Parameters<typeof laneTarget>[2],
) {
  if (!isSweep(lane)) return { lateMs: settleMinutes * minuteMs, waitMs: 0 };
  const { lagMinutes, everyMinutes } = lane === 'near' ? nearSweep : farSweep;
  return { lateMs: lagMinutes * minuteMs, waitMs: everyMinutes * minuteMs };
}

describe('how far a lane reads', () => {
  test('an event that is as late as its lane allows is there when its time is read', () => {
    fc.assert(
      fc.property(anyLane, tick, config, (lane, at, settings) => {
        const lastRead = laneTarget(lane, at, settings) - 1;
        expect(lastRead + promise(lane, settings).lateMs).toBeLessThan(at);
      }),
    );
  });

  test('a sweep never lags more than its lag and one period', () => {
    fc.assert(
      fc.property(anyLane, tick, config, (lane, at, settings) => {
        const { lateMs, waitMs } = promise(lane, settings);
        expect(laneTarget(lane, at, settings)).toBeGreaterThanOrEqual(at - lateMs - waitMs);
      }),
    );
  });

  test('a later tick never has an earlier target, and the far target is a whole minute', () => {
    fc.assert(
      fc.property(anyLane, tick, fc.nat({ max: 3000 }), config, (lane, at, minutes, settings) => {
        const target = laneTarget(lane, at, settings);
        const later = laneTarget(lane, at + minutes * minuteMs, settings);
        expect(later).toBeGreaterThanOrEqual(target);
        expect(target % minuteMs).toBe(0);
      }),
    );
  });

  test('a sweep has nothing to read between two of its times', () => {
    const settings = {
      settleMinutes: 5,
      nearSweep: { everyMinutes: 60, lagMinutes: 60 },
      farSweep: { everyMinutes: 1440, lagMinutes: 1440 },
    };
    const at = (time: string) => Date.parse(`2026-03-02T${time}:00Z`);
    expect(laneTarget('near', at('09:59'), settings)).toBe(at('08:00'));
    expect(laneTarget('near', at('10:00'), settings)).toBe(at('09:00'));
    expect(laneTarget('far', at('23:59'), settings)).toBe(Date.parse('2026-03-01T00:00Z'));
  });

  test("a new monitor begins one period before its first tick's target", () => {
    const settings = {
      everyMinutes: 10,
      settleMinutes: 3,
      nearSweep: { everyMinutes: 60, lagMinutes: 60 },
      farSweep: { everyMinutes: 60, lagMinutes: 60 },
    };
    const at = Date.parse('2026-03-02T09:00:00Z');
    expect(laneTarget('scan', at, settings) - firstPosition(at, settings)).toBe(10 * minuteMs);
  });
});

describe('what a lane reads next', () => {
  const groups = fc.array(
    fc.record({
      positionEpochMs: fc.integer({ min: 0, max: 30 }).map((minutes) => minutes * minuteMs),
      targetEpochMs: fc.integer({ min: 0, max: 60 }).map((minutes) => minutes * minuteMs),
    }),
    { maxLength: 5 },
  );
  const sliceMaxMs = fc.integer({ min: 1, max: 20 }).map((minutes) => minutes * minuteMs);

  test('is, slice by slice, everything up to each group’s target, once and in order', () => {
    fc.assert(
      fc.property(groups, sliceMaxMs, (drawn, maxMs) => {
        const targets = new Map(drawn.map(({ targetEpochMs }, at) => [`g${at}`, targetEpochMs]));
        const positions = new Map(
          drawn.map(({ positionEpochMs }, at) => [`g${at}`, positionEpochMs]),
        );
        const targetOf = (group: string) => targets.get(group) ?? Number.NaN;
        const next = () => {
          const list = [...positions].map(([logGroup, positionEpochMs]) => ({
            logGroup,
            positionEpochMs,
          }));
          return nextSlice(list, targetOf, maxMs);
        };
        for (let slice = next(); slice !== undefined; slice = next()) {
          const { startEpochMs, endEpochMs } = slice.window;
          expect(endEpochMs).toBeGreaterThan(startEpochMs);
          expect(endEpochMs - startEpochMs).toBeLessThanOrEqual(maxMs);
          const behind = [...positions].filter(([group, position]) => position < targetOf(group));
          expect(startEpochMs).toBe(Math.min(...behind.map(([, position]) => position)));
          const together = behind.filter(([, position]) => position === startEpochMs);
          expect(slice.logGroups).toEqual(together.map(([group]) => group));
          for (const group of slice.logGroups) {
            expect(endEpochMs).toBeLessThanOrEqual(targetOf(group));
            positions.set(group, endEpochMs);
          }
        }
        expect([...positions.values()]).toEqual(
          drawn.map((group) => Math.max(group.positionEpochMs, group.targetEpochMs)),
        );
      }),
    );
  });

  test('is nothing when every group has reached its target', () => {
    const there = [{ logGroup: 'a', positionEpochMs: minuteMs }];
    expect(nextSlice(there, () => minuteMs, minuteMs)).toBeUndefined();
    expect(nextSlice([], () => minuteMs, minuteMs)).toBeUndefined();
  });
});
