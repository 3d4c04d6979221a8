import fc from 'fast-check';
import { deriveStream, memoryMs } from '../../../lambda/correlate/derive-stream.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';
import { linesAt } from '../setup/arbitrary-events.ts';

const settings = { environment: 'prod', correlateSeconds: 60 };
const rememberedMs = memoryMs(settings);
const startMs = 1_000_000_000;
const endOfAll = Number.MAX_SAFE_INTEGER;

/** A few minutes, in which lines lie close together, at the same millisecond too. */
const times = fc.array(
  fc
    .oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 400_000 }))
    .map((ms) => startMs + ms),
  { maxLength: 12 },
);
const lines = linesAt(times);

function derive(events: readonly ObservedEvent[], horizonEpochMs = endOfAll) {
  return deriveStream(events, horizonEpochMs, settings);
}

const idsOf = (events: readonly ObservedEvent[], horizonEpochMs = endOfAll) =>
  derive(events, horizonEpochMs).changes.map(({ id }) => id);

describe('the changes of a stream', () => {
  test('do not depend on the order in which its lines became known', () => {
    const drawn = lines.chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(drawn, ([events, shuffled]) => {
        expect(derive(shuffled)).toEqual(derive(events));
      }),
      { numRuns: 300 },
    );
  });

  test('keep their ids, however often they are derived', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(lines, cuts, (events, offsets) => {
        const final = new Set(idsOf(events));
        for (const horizon of offsets.map((offset) => startMs + offset)) {
          const soFar = events.filter(({ timestamp }) => timestamp < horizon);
          for (const id of idsOf(soFar, horizon)) expect(final).toContain(id);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('are final once nothing is pending: lines after a silence change none of them', () => {
    fc.assert(
      fc.property(lines, (events) => {
        const last = Math.max(startMs, ...events.map(({ timestamp }) => timestamp));
        const resolved = derive(events, last + rememberedMs + 1);
        expect(resolved.isResolved).toBe(true);
        expect(resolved.changes).toEqual(derive(events).changes);
      }),
      { numRuns: 300 },
    );
  });

  test('are the same on both sides of a silence, derived alone or together', () => {
    const silenceMs = fc.integer({ min: 1, max: 1_000 }).map((ms) => rememberedMs + ms);
    fc.assert(
      fc.property(lines, lines, silenceMs, (before, after, silence) => {
        const last = Math.max(startMs, ...before.map(({ timestamp }) => timestamp));
        const shift = last + silence - Math.min(...after.map(({ timestamp }) => timestamp));
        const shifted = after.map((event) => ({
          ...event,
          key: `f${event.key.slice(1)}`,
          timestamp: event.timestamp + shift,
        }));
        expect(derive([...before, ...shifted]).changes).toEqual([
          ...derive(before).changes,
          ...derive(shifted).changes,
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the latest connected lines', () => {
  const grant: Signal = {
    kind: 'outcome',
    detections: ['d'],
    severity: 'high',
    verb: 'grant-role',
  };
  const line = (timestamp: number): ObservedEvent => ({
    key: String(timestamp),
    logGroup: 'airflow-prod-Task',
    logStream: 's',
    timestamp,
    message: 'm',
    occurrences: 1,
    signals: [grant],
  });

  test('begin after the last silence, and end when a line no longer matters', () => {
    const events = [
      line(0),
      line(rememberedMs + 1),
      line(2 * rememberedMs),
      line(3 * rememberedMs),
    ];
    expect(derive(events).latest).toEqual({
      fromEpochMs: rememberedMs + 1,
      untilEpochMs: 4 * rememberedMs,
    });
  });

  test('are pending until the horizon has passed the time in which a line may join', () => {
    expect(derive([line(0)], rememberedMs).isResolved).toBe(false);
    expect(derive([line(0)], rememberedMs + 1).isResolved).toBe(true);
  });

  test('are empty without lines, and nothing is pending', () => {
    expect(derive([], 0)).toEqual({ changes: [], isResolved: true });
  });

  test('begin at half of a long chain, so that what is derived again is bounded', () => {
    const times = Array.from({ length: 30 }, (_, at) => at * rememberedMs);
    const last = times.at(-1) ?? 0;
    expect(derive(times.slice(0, 11).map(line)).latest?.fromEpochMs).toBe(0);
    expect(derive(times.map(line)).latest?.fromEpochMs).toBe(last - 5 * rememberedMs);
  });
});

test('a line matters as long as commands wait, and at least as long as writes and requests', () => {
  expect(memoryMs({ correlateSeconds: 180 })).toBe(180_000);
  expect(memoryMs({ correlateSeconds: 10 })).toBe(12_000);
});
