import fc from 'fast-check';
import { parseNdjsonEvent } from '../../../../local/log-readers/exports/json-reader.ts';

const event = {
  logGroup: 'airflow-prod-Task',
  logStream: 'dag_id=a/run_id=b/task_id=c/attempt=1.log',
  timestamp: 1_795_326_721_736,
  ingestionTime: 1_795_326_722_000,
  message: '[2026-11-22T05:52:01.736+0000] {subprocess.py:93} INFO - hello',
};

test('a line with every member is read unchanged', () => {
  expect(parseNdjsonEvent(JSON.stringify(event))).toEqual(event);
});

test('an event without ingestionTime has none', () => {
  const { ingestionTime: _, ...rest } = event;
  expect(parseNdjsonEvent(JSON.stringify(rest))).toEqual(rest);
});

test('unknown members are ignored', () => {
  expect(parseNdjsonEvent(JSON.stringify({ ...event, eventId: '1' }))).toEqual(event);
});

test.each([
  ['logGroup', undefined, 'logGroup is missing'],
  ['logGroup', 'a b', 'logGroup must be 1 to 512 letters, digits and . - _ / #, got "a b"'],
  ['logGroup', '', 'logGroup must be 1 to 512'],
  ['logGroup', 7, 'logGroup must be 1 to 512 letters, digits and . - _ / #, got 7'],
  ['logStream', undefined, 'logStream is missing'],
  ['logStream', 'a:b', 'logStream must be 1 to 512 characters other than : and *, got "a:b"'],
  ['timestamp', undefined, 'timestamp is missing'],
  [
    'timestamp',
    '1795326721736',
    'timestamp must be whole milliseconds since 1970, from 2015 to 2099, got "1795',
  ],
  ['timestamp', 1.5, 'timestamp must be whole milliseconds since 1970, from 2015 to 2099, got 1.5'],
  ['timestamp', -1, 'timestamp must be whole milliseconds since 1970, from 2015 to 2099, got -1'],
  [
    'timestamp',
    1e300,
    'timestamp must be whole milliseconds since 1970, from 2015 to 2099, got 1e+300',
  ],
  ['message', undefined, 'message is missing'],
  ['message', null, 'message must be a string, got null'],
  [
    'ingestionTime',
    '',
    'ingestionTime must be whole milliseconds since 1970, from 2015 to 2099, got ""',
  ],
] as const)('%s of %p is refused by field, rule and value', (field, value, reason) => {
  expect(parseNdjsonEvent(JSON.stringify({ ...event, [field]: value }))).toContain(reason);
});

test.each(['{', '[1]', 'null', '7', '"text"', 'Traceback:'])('%s is not an event', (line) => {
  expect(parseNdjsonEvent(line)).toMatch(/^not (JSON|a JSON object): /);
});

test('the shown part of a broken line is short and printable', () => {
  const reason = parseNdjsonEvent(`\u001b[31m\u202e${'x'.repeat(100_000)}`);
  expect(reason).toMatch(/^[ -~…]{1,120}$/);
});

test('any message is read unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (message) => {
      expect(parseNdjsonEvent(JSON.stringify({ ...event, message }))).toEqual({
        ...event,
        message,
      });
    }),
  );
});

test.each([
  ['seconds', 1_795_326_599],
  ['seconds', 1_795_326_599.5],
  ['seconds', '1795326599'],
  ['microseconds', 1_795_326_599_000_000],
  ['nanoseconds', 1_795_326_599_000_000_000],
])('a time in %s is refused, with the hint that it is %p', (unit, timestamp) => {
  const line = JSON.stringify({ ...event, timestamp });
  expect(parseNdjsonEvent(line)).toMatch(
    new RegExp(`^timestamp must be .* \\(as ${unit} it is 2026-11-22T05:49:59\\.\\d{3}Z\\)$`),
  );
});

test.each(['2026-11-22T05:49:59Z', '', null, {}, true, Date.UTC(2014, 11, 31), Date.UTC(2100, 0)])(
  'a time that is %p is refused without a guess',
  (timestamp) => {
    const reason = parseNdjsonEvent(JSON.stringify({ ...event, timestamp }));
    expect(reason).toMatch(/^timestamp must be whole milliseconds since 1970, .*, got /);
    expect(reason).not.toContain('as ');
  },
);
