import fc from 'fast-check';
import { plannedSlices } from '../../../cli/cost/planned-slices.ts';
import { regularPeriods, resolveSweeps } from '../../../infra/config/schedule.ts';
import { dayMs, minuteMs } from '../../../lambda/common/time.ts';
import { lanes, queryTimes } from '../../../lambda/model/windows.ts';
import { monitorWith, tickAt } from '../../lambda/setup/pack-fixture.ts';

const midnight = Date.parse('2026-03-01T00:00:00Z');

const schedules = fc
  .record({
    everyMinutes: fc.constantFrom(...regularPeriods),
    settleMinutes: fc.integer({ min: 0, max: 60 }),
    maxSliceMinutes: fc.integer({ min: 1, max: 1440 }),
    offsetShare: fc.double({ min: 0, max: 0.99, noNaN: true }),
    farLagMinutes: fc.integer({ min: 60, max: 20_160 }),
  })
  .map(({ offsetShare, farLagMinutes, ...schedule }) => {
    const farSweep = { lagMinutes: farLagMinutes };
    const sweeps = resolveSweeps({ ...schedule, nearSweep: {}, farSweep });
    const offsetMinutes = Math.floor(offsetShare * Math.min(60, schedule.everyMinutes));
    return { ...schedule, offsetMinutes, nearSweep: sweeps.nearSweep, farSweep: sweeps.farSweep };
  });

/** Few runs: a monitor that scans every minute in slices of a minute has thousands of slices a day. */
const numRuns = 25;

test('on a day, each lane reads a day, every moment once, whatever the schedule', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const day = { startEpochMs: midnight, endEpochMs: midnight + dayMs };
      const planned = plannedSlices(day, schedule);
      for (const lane of lanes) {
        const windows = planned.filter((slice) => slice.lane === lane).map(({ window }) => window);
        const [first] = windows;
        let at = first?.startEpochMs;
        for (const { startEpochMs, endEpochMs } of windows) {
          expect(startEpochMs).toBe(at);
          at = endEpochMs;
        }
        expect([lane, (at ?? 0) - (first?.startEpochMs ?? 0)]).toEqual([lane, dayMs]);
      }
    }),
    { numRuns },
  );
});

test('ticks that are missed move what is read to later ticks, and change nothing of it', () => {
  fc.assert(
    fc.property(
      schedules,
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.double({ min: 0, max: 0.4, noNaN: true }),
      (schedule, from, length) => {
        const days = { startEpochMs: midnight, endEpochMs: midnight + 2 * dayMs };
        const isMissed = (tickEpochMs: number) => {
          const at = (tickEpochMs - midnight) / (2 * dayMs);
          const isLast = tickEpochMs + schedule.everyMinutes * minuteMs >= days.endEpochMs;
          return at >= from && at < from + length && !isLast;
        };
        const ends = (missed?: typeof isMissed) =>
          lanes.map((lane) => {
            const windows = plannedSlices(days, schedule, missed).filter(
              (slice) => slice.lane === lane,
            );
            const read = windows.reduce(
              (sum, { window }) => sum + window.endEpochMs - window.startEpochMs,
              0,
            );
            return [lane, read, windows.at(-1)?.window.endEpochMs];
          });
        expect(ends(isMissed)).toEqual(ends());
      },
    ),
    { numRuns },
  );
});

test('the plan is what a running monitor asks', async () => {
  const fixture = monitorWith([]);
  const [begin, end] = [Date.parse('2026-03-01T09:00:00Z'), Date.parse('2026-03-01T11:00:00Z')];
  // A sweep reads nothing before the first tick: two hours later it is in its ordinary course.
  const config = {
    ...fixture.monitor.config,
    nearSweep: { everyMinutes: 30, lagMinutes: 10 },
    farSweep: { everyMinutes: 60, lagMinutes: 20 },
  };
  Object.assign(fixture.monitor, { config });
  for (let at = begin - 120 * minuteMs; at < begin; at += 5 * minuteMs) await tick(at);
  fixture.asked.length = 0;
  fixture.counted.length = 0;
  for (let at = begin; at < end; at += 5 * minuteMs) await tick(at);
  const planned = plannedSlices({ startEpochMs: begin, endEpochMs: end }, config);
  const windows = (isPack: boolean) =>
    planned
      .filter(({ lane }) => (lane !== 'documented') === isPack)
      .map(({ window }) => queryTimes(window));
  const times = (queries: readonly { readonly start: number; readonly end: number }[]) =>
    queries.map(({ start, end }) => ({ startTime: start, endTime: end }));
  expect(times(fixture.asked)).toEqual(windows(true));
  expect(times(fixture.counted)).toEqual(windows(false));

  function tick(epochMs: number) {
    return tickAt(fixture, new Date(epochMs).toISOString().slice(0, 16));
  }
});
