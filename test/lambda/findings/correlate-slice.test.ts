import { correlateSlice } from '../../../lambda/findings/correlate-slice.ts';
import type { ObservedEvent, Signal } from '../../../lambda/findings/signal.ts';

const settings = { environment: 'prod', correlateSeconds: 180 };
const task = 'airflow-prod-Task';
const worker = 'airflow-prod-Worker';
const minuteMs = 60_000;
const horizons = new Map([
  [task, minuteMs],
  [worker, minuteMs],
]);

const granted: Signal = {
  kind: 'outcome',
  detections: ['cli-role-granted'],
  severity: 'high',
  verb: 'grant-role',
  target: 'bob',
  role: 'Op',
};
const command: Signal = { ...granted, kind: 'command', severity: 'medium' };

function event(key: string, changes: Partial<ObservedEvent> = {}): ObservedEvent {
  return {
    key,
    logGroup: task,
    logStream: 's',
    timestamp: 1000,
    message: key,
    occurrences: 1,
    signals: [granted],
    ...changes,
  };
}

test('the same lines in two streams are two changes, each of its own log group', () => {
  const events = [event('a'), event('b', { logStream: 't' }), event('c', { logGroup: worker })];
  const { changes } = correlateSlice([], events, horizons, settings);
  expect(changes.map(({ logGroup, change }) => [logGroup, change.evidence[0]?.key])).toEqual([
    [task, 'a'],
    [task, 'b'],
    [worker, 'c'],
  ]);
});

test('a stream without a new event moves on: what it waited for is decided', () => {
  const first = correlateSlice([], [event('a', { signals: [command] })], horizons, settings);
  expect(first.changes).toEqual([]);
  const later = new Map([[task, 10 * minuteMs]]);
  const second = correlateSlice(first.streams, [], later, settings);
  expect(second.changes).toMatchObject([{ logGroup: task, change: { outcome: 'unknown' } }]);
});

test('a stream of a log group that was not read is refused', () => {
  expect(() => correlateSlice([], [event('a')], new Map(), settings)).toThrow(task);
});
