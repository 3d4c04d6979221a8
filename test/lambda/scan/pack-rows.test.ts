import fc from 'fast-check';
import { fieldNamesOf, readPackRow } from '../../../lambda/scan/pack-rows.ts';

const task = 'airflow-prod-Task';
const window = {
  startEpochMs: Date.parse('2026-03-01T08:50:00Z'),
  endEpochMs: Date.parse('2026-03-01T08:55:00Z'),
};
const slice = { logGroups: [task, 'airflow-prod-Worker'], window };

const cells: Readonly<Record<string, string>> = {
  '@timestamp': '2026-03-01 08:51:02.345',
  '@ingestionTime': '2026-03-01 08:51:03.000',
  '@log': `123456789012:${task}`,
  '@logStream': 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
  '@message': 'User "bob" added to role "Admin"',
  '@ptr': 'CmEK',
};

function row(changes: Record<string, unknown> = {}) {
  return Object.entries({ ...cells, ...changes }).flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, value }],
  );
}

const read = (changes: Record<string, unknown> = {}) => readPackRow(row(changes), slice);

test('a row is an event with its `@log`, its log group and its time in epoch milliseconds', () => {
  expect(read()).toEqual({
    kind: 'event',
    event: {
      log: `123456789012:${task}`,
      logGroup: task,
      logStream: 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
      timestamp: Date.parse('2026-03-01T08:51:02.345Z'),
      message: 'User "bob" added to role "Admin"',
      occurrences: 1,
      ingestionEpochMs: Date.parse('2026-03-01T08:51:03Z'),
    },
  });
});

test.each([
  '2026-03-01 08:51:02.345',
  '2026-03-01 08:51:02.345678',
  '2026-03-01 08:51:02.345678912',
  '2026-03-01T08:51:02.345Z',
  '2026-03-01T10:51:02.345+02:00',
  '2026-03-01T10:51:02.345678+0200',
  '1772355062345',
  '1772355062345000',
  '1772355062345000000',
  '1772355062.345',
  '1.772355062345E12',
])('a @timestamp of %s is read', (text) => {
  expect(read({ '@timestamp': text })).toMatchObject({
    event: { timestamp: Date.parse('2026-03-01T08:51:02.345Z') },
  });
});

test.each(['2026-03-01 08:51:02', '2026-03-01T08:51:02Z', '1772355062'])(
  'a @timestamp of %s is on the whole second',
  (text) => {
    expect(read({ '@timestamp': text })).toMatchObject({
      event: { timestamp: Date.parse('2026-03-01T08:51:02.000Z') },
    });
  },
);

test.each([task, `${task}:*`, `123456789012:${task}:*`])('a @log of %s is read', (log) => {
  expect(read({ '@log': log })).toMatchObject({ event: { logGroup: task } });
});

test('a row without a log stream is read: its message matters more than its place', () => {
  expect(read({ '@logStream': undefined })).toMatchObject({
    event: { logStream: 'unknown-log-stream' },
  });
});

test('an ingestion time that cannot be read costs only the lag', () => {
  const { event } = { event: undefined, ...read({ '@ingestionTime': 'just now' }) };
  expect(event).toBeDefined();
  expect(event).not.toHaveProperty('ingestionEpochMs');
});

test.each([
  ['@timestamp', undefined, 'has no @timestamp'],
  ['@timestamp', 'yesterday', 'has a @timestamp that is not a time'],
  ['@timestamp', '2026-13-01 08:51:02.345', 'has a @timestamp that is not a time'],
  ['@timestamp', '2026-03-01 08:49:59.999', 'has a @timestamp outside the window'],
  ['@timestamp', '2026-03-01 09:51:02.345', 'has a @timestamp outside the window'],
  ['@log', undefined, 'has no @log'],
  ['@log', '123456789012:airflow-other-Task', 'belongs to a log group that was not queried'],
  ['@message', undefined, 'has no @message'],
  ['@message', { text: 'x' }, 'has no @message'],
])('a row whose %s is %p is unreadable: it %s', (field, value, problem) => {
  expect(read({ [field]: value })).toMatchObject({
    kind: 'unreadable',
    problem: expect.stringContaining(problem),
  });
});

test('a row with two messages is unreadable, since either may be true', () => {
  const twice = [...row(), { field: '@message', value: 'nothing of interest' }];
  expect(readPackRow(twice, slice)).toMatchObject({ problem: 'has two values of @message' });
});

test.each([0, 999])('a row %i ms after the window is left to the next slice', (ms) => {
  const at = new Date(window.endEpochMs + ms).toISOString();
  expect(read({ '@timestamp': at })).toEqual({ kind: 'next-slice' });
});

const anything = fc.anything();
const anyCell = fc.oneof(
  fc.record({
    field: fc.constantFrom(...Object.keys(cells), 'x'),
    value: fc.oneof(
      anything,
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...Object.values(cells)),
    ),
  }),
  anything,
);

test('whatever a row holds, it is an event of the slice or unreadable', () => {
  fc.assert(
    fc.property(fc.oneof(anything, fc.array(anyCell)), (hostile) => {
      const result = readPackRow(hostile, slice);
      if (result.kind !== 'event') return;
      const { logGroup, logStream, timestamp, message } = result.event;
      expect(slice.logGroups).toContain(logGroup);
      expect(timestamp).toBeGreaterThanOrEqual(window.startEpochMs);
      expect(timestamp).toBeLessThan(window.endEpochMs);
      expect([logStream, message]).not.toContain('');
    }),
  );
});

test('the problem of an unreadable row contains no log text', () => {
  const secret = 'airflow users create -p hunter2';
  const bad = row({ '@message': secret, '@timestamp': secret });
  const result = readPackRow(bad, slice);
  expect(JSON.stringify([result, fieldNamesOf(bad)])).not.toContain('hunter2');
  expect(fieldNamesOf(bad)).toContain('@message');
});
