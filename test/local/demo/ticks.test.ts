import fc from 'fast-check';
import { planTicks } from '../../../local/demo/ticks.ts';

const minuteMs = 60_000;
const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);
const schedule = { everyMinutes: 1, settleMinutes: 5, correlateSeconds: 180 };

describe('planTicks', () => {
  test('the first tick is the minute after the first event, the last one settles after what the last event waits for', () => {
    const plan = planTicks(
      { firstEventEpochMs: at('05:46:54.751'), lastEventEpochMs: at('06:07:50.121') },
      schedule,
    );
    expect(plan.ticks[0]).toBe(at('05:47:00'));
    expect(plan.ticks.at(-1)).toBe(at('06:16:00'));
    expect(plan.firstWindowStart).toBe(at('05:41:00'));
  });

  test('the windows hold every event once, whatever the session and the schedule', () => {
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
            { everyMinutes, settleMinutes, correlateSeconds },
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
      /^the logs reach from 1970-01-01T.*at most 20000 can be run/,
    );
  });
});
