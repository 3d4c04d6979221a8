import fc from 'fast-check';
import { dayMs, hourMs } from '../../../lambda/common/time.ts';
import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { endTimeReadings } from '../setup/end-time.ts';
import { command, type HeldEvent, monitorWith, task, tickAt } from '../setup/pack-fixture.ts';

const dayEpochMs = Date.parse('2026-03-02T00:00:00Z');
const everyHours = 3;
/** The first begins before the day, the last reads its last millisecond. */
const ticks = Array.from({ length: 24 / everyHours + 2 }, (_, at) =>
  new Date(dayEpochMs + at * everyHours * hourMs).toISOString().slice(0, 16),
);

/** Any millisecond of the day, and often one beside a bound of slices. */
const millisecond = fc.oneof(
  fc.nat({ max: dayMs - 1 }),
  fc
    .tuple(fc.integer({ min: 1, max: 1439 }), fc.constantFrom(-1000, -999, -500, -1, 0, 1, 999))
    .map(([minute, offsetMs]) => minute * 60_000 + offsetMs),
  fc.integer({ min: 1, max: 24 }).map((hour) => hour * hourMs - 1),
);

/** Few enough in each second to fit into one answer of the pack. */
const millisecondsOfDay = fc.uniqueArray(millisecond, {
  ...{ minLength: 1, maxLength: 40 },
  selector: (at) => Math.floor(at / 1000),
});

function eventAt(atMs: number, index: number): HeldEvent {
  const at = new Date(dayEpochMs + atMs).toISOString().replace('Z', '');
  return {
    ...command(`u${index}`, at),
    logStream: `dag_id=d${index}/run_id=r/task_id=t/attempt=1.log`,
  };
}

/** The slices of a lane, in their order. */
function slicesOf({ table }: ReturnType<typeof monitorWith>, lane: string): SliceRecord[] {
  return table
    .items()
    .filter(({ sk }) => `${sk}`.startsWith(`slice#${lane}#${task}#`))
    .map(({ data }): SliceRecord => JSON.parse(`${data}`))
    .toSorted((a, b) => a.startEpochMs - b.startEpochMs);
}

test.each(endTimeReadings)(
  'where endTime is read to its %s, each millisecond of a day is read by each lane, and counts once',
  async (endTime) => {
    await fc.assert(
      fc.asyncProperty(
        millisecondsOfDay,
        fc.constantFrom(23, 60, 180),
        fc.constantFrom(4, 10_000),
        async (times, maxSliceMinutes, packRowsMax) => {
          const events = times.toSorted((a, b) => a - b).map(eventAt);
          const base = monitorWith(events, { packRowsMax }, endTime);
          const sweep = { everyMinutes: 1440, lagMinutes: 1440 };
          const config = {
            ...base.monitor.config,
            ...{
              everyMinutes: everyHours * 60,
              maxSliceMinutes,
              nearSweep: sweep,
              farSweep: sweep,
            },
          };
          const fixture = { ...base, monitor: { ...base.monitor, config } };
          for (const tick of ticks) await tickAt(fixture, tick);
          for (const [lane, numberOf] of [
            ['scan', ({ rows }: SliceRecord) => rows],
            ['documented', ({ matches }: SliceRecord) => matches],
          ] as const) {
            const slices = slicesOf(fixture, lane);
            for (const [index, slice] of slices.entries()) {
              const { startEpochMs, endEpochMs } = slice;
              if (index > 0) expect(startEpochMs).toBe(slices[index - 1]?.endEpochMs);
              const own = times.filter((atMs) => {
                const epochMs = dayEpochMs + atMs;
                return epochMs >= startEpochMs && epochMs < endEpochMs;
              });
              expect([lane, slice, numberOf(slice)]).toEqual([lane, slice, own.length]);
            }
            expect(slices[0]?.startEpochMs).toBeLessThanOrEqual(dayEpochMs);
            expect(slices.at(-1)?.endEpochMs).toBeGreaterThanOrEqual(dayEpochMs + dayMs);
          }
        },
      ),
      { numRuns: 6 },
    );
  },
  60_000,
);
