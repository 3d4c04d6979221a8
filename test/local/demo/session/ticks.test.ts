import fc from 'fast-check';
import { minuteMs } from '../../../../lambda/common/time.ts';
import { lanes, packLanes } from '../../../../lambda/model/windows.ts';
import { quickSweeps } from '../../../../local/demo/session/load-session.ts';
import { planTicks, readingTick } from '../../../../local/demo/session/ticks.ts';

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);
const sweeps = {
  nearSweep: { everyMinutes: 60, lagMinutes: 60 },
  farSweep: { everyMinutes: 1440, lagMinutes: 1440 },
};
const schedule = { everyMinutes: 1, settleMinutes: 5, correlateSeconds: 180, ...sweeps };
const session = { firstEventEpochMs: at('05:46:54.751'), lastEventEpochMs: at('06:07:50.121') };

describe('planTicks', () => {
  test("the first tick is the minute after the first event, the last one follows the last event's correlation and settling", () => {
    const plan = planTicks(session, schedule);
    expect(plan.ticks[0]).toBe(at('05:47:00'));
    expect(plan.ticks.at(-1)).toBe(at('06:16:00'));
    expect(plan.firstWindowStart).toBe(at('05:41:00'));
  });

  test('the windows contain every event once, for any session and schedule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e9, max: 1e12 }),
        fc.integer({ min: 0, max: 3e6 }),
        fc.constantFrom(1, 5, 15, 60),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 10, max: 3600 }),
        (firstEventEpochMs, lengthMs, everyMinutes, settleMinutes, correlateSeconds) => {
          const lastEventEpochMs = firstEventEpochMs + lengthMs;
          const { ticks, firstWindowStart } = planTicks(
            { firstEventEpochMs, lastEventEpochMs },
            { everyMinutes, settleMinutes, correlateSeconds, ...sweeps },
          );
          const windows = ticks.map((tick) => ({
            start: tick - (settleMinutes + everyMinutes) * minuteMs,
            end: tick - settleMinutes * minuteMs,
          }));
          expect(windows[0]?.start).toBe(firstWindowStart);
          expect(windows.at(-1)?.end).toBeGreaterThan(lastEventEpochMs + correlateSeconds * 1000);
          for (const event of [firstEventEpochMs, lastEventEpochMs]) {
            const holding = windows.filter(({ start, end }) => event >= start && event < end);
            expect(holding).toHaveLength(1);
          }
          expect(ticks.every((tick) => tick % (everyMinutes * minuteMs) === 0)).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['reaches over decades', 0, at('05:46:54.751')],
    ['begins before 1970 could be scanned', 60_000, 120_000],
  ])('a session that %s is refused with its times', (_, firstEventEpochMs, lastEventEpochMs) => {
    expect(() => planTicks({ firstEventEpochMs, lastEventEpochMs }, schedule)).toThrow(
      /^the logs range from 1970-01-01T.*at most 20000 can run/,
    );
  });
});

describe('an outage', () => {
  const outage = (outageMinutes: number) => planTicks(session, schedule, { outageMinutes });

  test('is in the middle of the session, in one piece, and moves no tick', () => {
    const { ticks, missed } = outage(6);
    expect(ticks).toEqual(planTicks(session, schedule).ticks);
    expect([...missed]).toEqual(
      ['05:55', '05:56', '05:57', '05:58', '05:59', '06:00'].map((time) => at(`${time}:00`)),
    );
  });

  test('leaves a tick before and after it, or is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (minutes) => {
        try {
          const { ticks, missed } = outage(minutes);
          expect(missed.size).toBe(minutes);
          expect(missed.has(ticks[0] ?? 0)).toBe(false);
          expect(ticks.some((tick) => tick > Math.max(...missed))).toBe(true);
        } catch (error) {
          expect(minutes).toBeGreaterThan(20);
          expect(String(error)).toMatch(/an outage of \d+ min takes \d+ of the session's 22 ticks/);
        }
      }),
    );
  });

  test('of less than a period misses one tick', () => {
    const { missed } = planTicks(session, { ...schedule, everyMinutes: 5 }, { outageMinutes: 2 });
    expect(missed.size).toBe(1);
  });
});

describe('sweeps within the session', () => {
  const periods = fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60);
  const quick = (everyMinutes: number) => ({ correlateSeconds: 180, ...quickSweeps(everyMinutes) });

  test('the ticks continue until every lane has read the last event', () => {
    fc.assert(
      fc.property(periods, (everyMinutes) => {
        const plan = planTicks(session, quick(everyMinutes), { untilSwept: true });
        for (const lane of lanes) {
          const tick = readingTick(lane, session.lastEventEpochMs, plan, quick(everyMinutes));
          expect(tick).toBeDefined();
        }
      }),
    );
  });

  test('for any period, there is a lag that only the near sweep finds, and a lag that only the far sweep finds', () => {
    fc.assert(
      fc.property(periods, fc.integer({ min: 0, max: 20 * minuteMs }), (everyMinutes, afterMs) => {
        const settings = quick(everyMinutes);
        const plan = planTicks(session, settings, { untilSwept: true });
        const eventEpochMs = session.firstEventEpochMs + afterMs;
        const [scan = 0, near = 0, far = 0] = packLanes.map((lane) =>
          readingTick(lane, eventEpochMs, plan, settings),
        );
        expect(scan).toBeLessThan(eventEpochMs + settings.nearSweep.lagMinutes * minuteMs);
        expect(near).toBeLessThan(eventEpochMs + settings.farSweep.lagMinutes * minuteMs);
        expect(near).toBeGreaterThanOrEqual(
          eventEpochMs + settings.nearSweep.lagMinutes * minuteMs,
        );
        expect(far).toBeGreaterThanOrEqual(eventEpochMs + settings.farSweep.lagMinutes * minuteMs);
      }),
    );
  });

  test('the first tick after an outage reads the missed time', () => {
    const plan = planTicks(session, schedule, { outageMinutes: 6 });
    expect(readingTick('scan', at('05:50:30'), plan, schedule)).toBe(at('06:01:00'));
    expect(readingTick('scan', at('05:48:30'), plan, schedule)).toBe(at('05:54:00'));
  });
});
