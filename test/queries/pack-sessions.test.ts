import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { correlateStream } from '../../lambda/correlate/derive-stream.ts';
import { readSignals } from '../../lambda/lines/read-signals.ts';
import type { Change } from '../../lambda/model/correlation-state.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
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

function changesOf(events: readonly ObservedEvent[]): readonly Change[] {
  return correlateStream(events, Number.MAX_SAFE_INTEGER, settings);
}

/** The ids of all changes known at one of the given times or at the end. */
function idsOnTheWay(events: readonly ObservedEvent[], horizons: readonly number[]): Set<string> {
  const soFar = horizons.flatMap((horizon) =>
    correlateStream(
      events.filter(({ timestamp }) => timestamp < horizon),
      horizon,
      settings,
    ),
  );
  return new Set([...soFar, ...changesOf(events)].map(({ id }) => id));
}

describe.each(['2.10.3', '3.0.6'])('the recorded session of Airflow %s', (airflow) => {
  const streams = streamsOf(airflow);
  const whole = streams.map(changesOf);
  const all = whole.flat();
  const [first, last] = [Math.min, Math.max].map((pick) =>
    pick(...streams.flat().map(({ timestamp }) => timestamp)),
  );
  const start = first ?? 0;
  const end = last ?? 0;

  test.each([60, 300, 3600])(
    'derived again every %i seconds gives the same ids as at the end',
    (seconds) => {
      const horizons = Array.from(
        { length: Math.ceil((end - start) / (seconds * 1000)) },
        (_, at) => start + (at + 1) * seconds * 1000,
      );
      streams.forEach((events, at) => {
        expect(idsOnTheWay(events, horizons)).toEqual(new Set(whole[at]?.map(({ id }) => id)));
      });
    },
  );

  test('derived at any times in between gives the same ids as at the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: start, max: end + 200_000 }), { maxLength: 12 }),
        (horizons) => {
          streams.forEach((events, at) => {
            expect(idsOnTheWay(events, horizons)).toEqual(new Set(whole[at]?.map(({ id }) => id)));
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  test('gives the same changes for any order of its events', () => {
    streams.forEach((events, at) => {
      expect(changesOf(events.toReversed())).toEqual(whole[at]);
    });
  });

  test('gives every change a unique id', () => {
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

  test('a failed change is at most medium, and low only if the web server answered or nobody ran a command', () => {
    const notSucceeded = all.filter(({ outcome }) => !/succeeded|unknown/.test(outcome));
    expect(notSucceeded.length).toBeGreaterThan(20);
    for (const { severity, verb, evidence } of notSucceeded) {
      const isAnswer = evidence.every(({ logGroup }) => logGroup.endsWith('-WebServer'));
      const isMild = isAnswer || verb === 'bypass-metadata-block';
      expect(severity).toBe(isMild ? 'low' : 'medium');
    }
  });

  test('a command without an outcome is medium, and so is a statement that failed', () => {
    const unknown = all.filter(({ outcome }) => outcome === 'unknown');
    expect(new Set(unknown.map(({ severity }) => severity))).toEqual(new Set(['medium']));
    const failed = all.filter(
      ({ detections, outcome }) =>
        detections.includes('metadata-sql-statement') && outcome !== 'succeeded',
    );
    expect(failed.map(({ outcome, severity }) => [outcome, severity])).toEqual([
      ['failed', 'medium'],
    ]);
  });
});
