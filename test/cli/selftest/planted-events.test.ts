import fc from 'fast-check';
import { endTimeTimestamps } from '../../../cli/selftest/judge.ts';
import { endTimeQueries, observedEndTime } from '../../../cli/selftest/observation.ts';
import {
  batchesOf,
  documentedCounts,
  eventsIn,
  ingestedBytes,
  neighbours,
  planEvents,
  wholeSpan,
} from '../../../cli/selftest/planted-events.ts';
import { intention, selftestUsd } from '../../../cli/selftest/show-selftest.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import { endEpochMsOf } from '../../../local/insights-engine/engine-types.ts';
import { detections } from './base-observation.ts';

const anyTime = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });

test('every line of every detection is put once, and its first match again with a line feed', () => {
  const { events } = planEvents(detections, 0);
  const lines = events.flatMap(({ line, logType, message }) =>
    line ? [{ ...line, logType, message }] : [],
  );
  for (const { id, tests } of detections) {
    const own = lines.filter(({ detection }) => detection === id);
    for (const list of ['matches', 'ignores'] as const) {
      const put = own
        .filter((line) => line.list === list && !line.isEnded)
        .map(({ logType, message }) => ({ logType, message }));
      expect(put).toEqual(tests[list].map(({ logType, message }) => ({ logType, message })));
    }
    expect(own.filter(({ isEnded }) => isEnded).map(({ message }) => message)).toEqual([
      `${tests.matches[0]?.message}\n`,
    ]);
  }
});

test('each line has a unique time within the slice, away from its ends', () => {
  fc.assert(
    fc.property(anyTime, (createdEpochMs) => {
      const { events, slice } = planEvents(detections, createdEpochMs);
      const times = events.flatMap(({ line, timestamp }) => (line ? [timestamp] : []));
      expect(new Set(times).size).toBe(times.length);
      expect(Math.min(...times)).toBeGreaterThan(slice.startEpochMs);
      expect(Math.max(...times)).toBeLessThan(slice.endEpochMs - 1000);
    }),
  );
});

test('all events and queries are within a minute after the log groups were created', () => {
  fc.assert(
    fc.property(anyTime, (createdEpochMs) => {
      const { events, slice } = planEvents(detections, createdEpochMs);
      const [before, after] = neighbours(slice);
      const { startTime, endTime } = wholeSpan(slice);
      const times = events.map(({ timestamp }) => timestamp);
      const first = Math.min(before.startEpochMs, startTime * 1000, ...times);
      expect(first).toBeGreaterThanOrEqual(createdEpochMs);
      expect(Math.max(after.endEpochMs, ...times)).toBeLessThan(createdEpochMs + 60_000);
      expect(Math.max(...times)).toBeLessThan(endTime * 1000);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});

test('events are at both ends of the slice to the millisecond, one in each counted log group', () => {
  const { events, slice } = planEvents(detections, 0);
  const { startEpochMs: s, endEpochMs: e } = slice;
  const ends = [s - 1, s, e - 1000, e - 500, e - 1, e, e + 500, e + 999, e + 1000];
  expect(endTimeTimestamps(events)).toEqual(ends);
  for (const end of ends) {
    const here = events.filter(({ timestamp }) => timestamp === end);
    const counted = here.filter(({ boundary }) => boundary?.detection === 'add-role');
    expect(counted.map(({ logType }) => logType)).toEqual([...logTypes]);
    expect(here.filter(({ boundary }) => boundary?.detection !== 'add-role')).toHaveLength(1);
  }
  const [before, after] = neighbours(slice);
  const countOf = (window: typeof slice) => documentedCounts(events, window).get('Worker');
  expect([countOf(before), countOf(after)]).toEqual([1, 3]);
});

test('the detection of each boundary line matches it', () => {
  const { events } = planEvents(detections, 0);
  for (const { boundary, message, logType } of events) {
    if (boundary === undefined) continue;
    const matches = detections.find(({ id }) => id === boundary.detection)?.tests.matches ?? [];
    expect(matches.map((line) => line.message)).toContain(message);
    if (boundary.detection !== 'add-role') {
      expect(matches).toContainEqual(expect.objectContaining({ message, logType }));
    }
  }
});

const readings = ['second', 'millisecond', 'exclusive'] as const;

test.each(readings)('the answers reveal the reading of endTime: %s', (reading) => {
  const { events, slice } = planEvents(detections, 0);
  const planted = endTimeTimestamps(events);
  const answers = endTimeQueries(slice).map((query) => {
    const last =
      reading === 'exclusive' ? query.endTime * 1000 - 1 : endEpochMsOf(query.endTime, reading);
    const timestamps = planted.filter((time) => time >= query.startTime * 1000 && time <= last);
    return { ...query, kind: 'answered', timestamps } as const;
  });
  expect(observedEndTime(answers, planted)).toBe(reading);
  // One query is enough if the others are refused.
  const refused = { kind: 'refused', message: 'no' } as const;
  const [first, ...rest] = answers;
  expect(
    observedEndTime(
      [...(first ? [first] : []), ...rest.map((query) => ({ ...query, ...refused }))],
      planted,
    ),
  ).toBe(reading);
  expect(
    observedEndTime(
      answers.map((query) => ({ ...query, ...refused })),
      planted,
    ),
  ).toBe('unknown');
});

test('batches contain all events in order, within the limits of PutLogEvents', () => {
  const event = fc.record({
    logType: fc.constant('Task' as const),
    timestamp: fc.nat(),
    message: fc.integer({ min: 1, max: 300_000 }).map((size) => 'é'.repeat(size)),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const batches = batchesOf(events);
      expect(batches.flat()).toEqual(events);
      for (const batch of batches) {
        const bytes = batch.reduce((sum, one) => sum + ingestedBytes(one), 0);
        expect(bytes <= 1_048_576 || batch.length === 1).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
  const small = { logType: 'Task', timestamp: 0, message: 'x' } as const;
  expect(batchesOf(Array(10_001).fill(small)).map(({ length }) => length)).toEqual([10_000, 1]);
});

test('the cost is shown before anything is created, and is less than a cent', () => {
  const { events } = planEvents(detections, 0);
  const bytes = events.reduce((sum, event) => sum + ingestedBytes(event), 0);
  expect(selftestUsd(bytes)).toBeLessThan(0.01);
  const said = intention({ region: 'eu-west-1', profile: 'sandbox', detections, keep: false });
  expect(said).toContain(`put ${events.length} events`);
  expect(said).toContain('less than 0.01 USD');
  expect(said).toContain('in eu-west-1, as profile sandbox');
  expect(intention({ region: 'eu-west-1', detections, keep: true })).toContain('leave the groups');
  expect(eventsIn(events, { startEpochMs: 0, endEpochMs: 1 })).toEqual([]);
});
