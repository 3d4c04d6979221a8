import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { correlateStream } from '../../lambda/findings/correlate.ts';
import { type Change, emptyStreamState } from '../../lambda/findings/correlation-state.ts';
import { readSignals } from '../../lambda/findings/read-signals.ts';
import type { ObservedEvent } from '../../lambda/findings/signal.ts';
import { detectionsOf, plan } from './pack.ts';

const settings = { environment: 'prod', correlateSeconds: 180 };

interface SessionEvent {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestamp: number;
  readonly message: string;
}

/** A recorded session's events that the pack reads, by log stream. */
function streamsOf(airflow: string): readonly (readonly ObservedEvent[])[] {
  const file = new URL(`../../local/demo/sessions/airflow-${airflow}.ndjson.gz`, import.meta.url);
  const text = gunzipSync(readFileSync(fileURLToPath(file))).toString();
  const streams = new Map<string, Map<string, ObservedEvent>>();
  for (const line of text.trim().split('\n')) {
    const event: SessionEvent = JSON.parse(line);
    const detections = detectionsOf(event.message, event.logGroup);
    if (detections.length === 0) continue;
    const key = JSON.stringify([event.timestamp, event.message]);
    const name = JSON.stringify([event.logGroup, event.logStream]);
    const stream = streams.get(name) ?? new Map<string, ObservedEvent>();
    const signals = readSignals({ ...event, detections }, plan);
    stream.set(key, { ...event, key, occurrences: 1, signals });
    streams.set(name, stream);
  }
  return [...streams.values()].map((stream) => [...stream.values()]);
}

/** The changes of a stream, read in slices that end at the given times and at the end of all. */
function changesOf(events: readonly ObservedEvent[], cuts: readonly number[]): Change[] {
  const changes = new Map<string, Change>();
  let state = emptyStreamState();
  let from = 0;
  for (const horizon of [...new Set(cuts)].sort((a, b) => a - b).concat(Number.MAX_SAFE_INTEGER)) {
    const slice = events.filter(({ timestamp }) => timestamp >= from && timestamp < horizon);
    const { state: after, changed } = correlateStream(state, slice, horizon, settings);
    state = structuredClone(after);
    for (const change of changed) changes.set(change.id, structuredClone(change));
    from = horizon;
  }
  return [...changes.values()].sort(
    (a, b) => a.anchorEpochMs - b.anchorEpochMs || (a.id < b.id ? -1 : 1),
  );
}

describe.each(['2.10.3', '3.0.6'])('the recorded session of Airflow %s', (airflow) => {
  const streams = streamsOf(airflow);
  const whole = streams.map((events) => changesOf(events, []));
  const all = whole.flat();
  const [first, last] = [Math.min, Math.max].map((pick) =>
    pick(...streams.flat().map(({ timestamp }) => timestamp)),
  );
  const start = first ?? 0;
  const end = last ?? 0;

  test.each([7, 60, 300, 3600])(
    'gives the same changes and ids in slices of %i seconds as in one window',
    (seconds) => {
      const cuts = Array.from(
        { length: Math.ceil((end - start) / (seconds * 1000)) + 200 },
        (_, at) => start + (at + 1) * seconds * 1000,
      );
      streams.forEach((events, at) => {
        expect(changesOf(events, cuts)).toEqual(whole[at]);
      });
    },
  );

  test('gives the same changes and ids wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: start, max: end + 200_000 }), { maxLength: 12 }),
        (cuts) => {
          streams.forEach((events, at) => {
            expect(changesOf(events, cuts)).toEqual(whole[at]);
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  test('gives the same changes in whatever order the events of a slice arrive', () => {
    streams.forEach((events, at) => {
      expect(changesOf(events.toReversed(), [])).toEqual(whole[at]);
    });
  });

  test('gives every change an id of its own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test('names user and role of every grant that the CLI confirmed', () => {
    const granted = all.filter(
      ({ verb, outcome }) => verb === 'grant-role' && outcome === 'succeeded',
    );
    const names = granted.map(({ targets, roles }) => `${targets} ${roles}`);
    expect(names).toEqual(expect.arrayContaining(['oscar Op', 'bob Admin', 'carol.jones Op']));
    expect(granted.every(({ severity }) => severity === 'critical')).toBe(true);
  });

  test('keeps what failed or was denied low, and a command without an outcome medium', () => {
    const notSucceeded = all.filter(({ outcome }) => outcome === 'failed' || outcome === 'denied');
    expect(notSucceeded.length).toBeGreaterThan(20);
    expect(new Set(notSucceeded.map(({ severity }) => severity))).toEqual(new Set(['low']));
    const unknown = all.filter(({ outcome }) => outcome === 'unknown');
    expect(new Set(unknown.map(({ severity }) => severity))).toEqual(new Set(['medium']));
  });
});
