import { readPackRows } from '../../lambda/pack-rows.ts';
import type { ResultRow } from '../../lambda/query.ts';

const query = { queryString: 'q', flags: { d00: 'add-role', d01: 'granted' } };
const otherQuery = { queryString: 'r', flags: { d02: 'created' } };

const cells = {
  '@timestamp': '2026-03-01 08:51:02.345',
  '@ingestionTime': '2026-03-01 08:51:03.000',
  '@log': '123456789012:airflow-prod-Task',
  '@logStream': 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
  '@message': 'User "bob" added to role "Admin"',
  d00: '0',
  d01: '1',
  '@ptr': 'CmEK',
};

function row(changes: Record<string, string | undefined> = {}): ResultRow {
  return Object.entries({ ...cells, ...changes }).flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, value }],
  );
}

const read = (...rows: readonly ResultRow[]) => readPackRows([{ query, rows }]);

test('a row is an event: its group without the account, its time in epoch milliseconds', () => {
  expect(read(row())).toEqual([
    {
      logGroup: 'airflow-prod-Task',
      logStream: 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
      timestamp: Date.parse('2026-03-01T08:51:02.345Z'),
      message: 'User "bob" added to role "Admin"',
      detections: ['granted'],
      occurrences: 1,
      ingestionEpochMs: Date.parse('2026-03-01T08:51:03Z'),
    },
  ]);
});

test('an event has the detections of all its flags; a flag that is left out is none', () => {
  expect(read(row({ d00: '1' }))).toMatchObject([{ detections: ['add-role', 'granted'] }]);
  expect(read(row({ d00: undefined }))).toMatchObject([{ detections: ['granted'] }]);
});

test('an event that two texts found is one, with the detections of both', () => {
  const events = readPackRows([
    { query, rows: [row()] },
    { query: otherQuery, rows: [row({ d00: undefined, d01: undefined, d02: '1' })] },
  ]);
  expect(events).toMatchObject([{ detections: ['granted', 'created'], occurrences: 1 }]);
});

test('identical events of one text are one, with their number', () => {
  expect(read(row(), row(), row())).toMatchObject([{ occurrences: 3 }]);
});

test.each(['@timestamp', '@log', '@logStream', '@message'])(
  'rows that differ in %s are two events',
  (field) => {
    const changed = { [field]: field === '@timestamp' ? '2026-03-01 08:51:02.346' : 'other' };
    expect(read(row(), row(changed))).toHaveLength(2);
  },
);

test.each([
  ['@timestamp', undefined, 'has no @timestamp'],
  ['@timestamp', 'yesterday', 'has a @timestamp that is none'],
  ['@timestamp', '2026-13-01 08:51:02.345', 'has a @timestamp that is none'],
  ['@log', undefined, 'has no @log'],
  ['@logStream', undefined, 'has no @logStream'],
  ['@message', undefined, 'has no @message'],
  ['d01', 'true', 'has a d01 that is neither 0 nor 1'],
  ['d01', '0', 'fits no detection'],
])('a row whose %s is %s stops the reading: it %s', (field, value, problem) => {
  expect(() => read(row(), row({ [field]: value }))).toThrow(problem);
});

test('the error about a row holds nothing of what was logged', () => {
  const secret = 'airflow users create -p hunter2';
  expect(() => read(row({ '@message': secret, d01: '2' }))).not.toThrow(/hunter2/);
  expect(() => read(row({ '@message': secret, d01: '2' }))).toThrow('its fields are @timestamp');
});

test.each([
  ['2026-03-01 08:51:09.345', Date.parse('2026-03-01T08:51:09.345Z')],
  [String(Date.parse('2026-03-01T08:51:09.345Z')), Date.parse('2026-03-01T08:51:09.345Z')],
])('an ingestion time of %s is read', (text, epochMs) => {
  expect(read(row({ '@ingestionTime': text }))).toMatchObject([{ ingestionEpochMs: epochMs }]);
});

test('an ingestion time that cannot be read costs only the lag', () => {
  const [event] = read(row({ '@ingestionTime': 'just now' }));
  expect(event).not.toHaveProperty('ingestionEpochMs');
});
