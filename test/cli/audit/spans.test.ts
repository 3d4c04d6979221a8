import fc from 'fast-check';
import { addSpan, lengthMs, overlapMs, withoutSpans } from '../../../cli/audit/spans.ts';
import type { Window } from '../../../lambda/model/windows.ts';

const window = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }))
  .map(([start, length]): Window => ({ startEpochMs: start, endEpochMs: start + length }));

/** The set of milliseconds in the windows. */
function points(windows: readonly Window[]): Set<number> {
  return new Set(
    windows.flatMap((one) =>
      Array.from({ length: lengthMs(one) }, (_, at) => one.startEpochMs + at),
    ),
  );
}

const union = (windows: readonly Window[]) =>
  windows.reduce<Window[]>((spans, added) => addSpan(spans, added), []);

test('spans contain exactly what was added, in order, without touching each other', () => {
  fc.assert(
    fc.property(fc.array(window), (windows) => {
      const spans = union(windows);
      expect(points(spans)).toEqual(points(windows));
      spans.slice(1).forEach((next, at) => {
        expect(next.startEpochMs).toBeGreaterThan(spans[at]?.endEpochMs ?? Infinity);
      });
    }),
  );
});

test('a window without spans contains exactly the rest', () => {
  fc.assert(
    fc.property(window, fc.array(window), (whole, windows) => {
      const left = points(withoutSpans(whole, union(windows)));
      const done = points(windows);
      expect(left).toEqual(new Set([...points([whole])].filter((ms) => !done.has(ms))));
    }),
  );
});

test('an overlap is the length of the intersection', () => {
  fc.assert(
    fc.property(window, window, (a, b) => {
      const inB = points([b]);
      expect(overlapMs(a, b)).toBe([...points([a])].filter((ms) => inB.has(ms)).length);
    }),
  );
});
