import fc from 'fast-check';
import { readLineStart } from '../../../../local/log-readers/formats/airflow-stamp.ts';
import { growth, linearGrowth } from '../../../counted-steps.ts';

test.each([
  ['[2023-04-14, 13:12:29 UTC] {{subprocess.py:75}} INFO - x', '2023-04-14T13:12:29.000Z'],
  ['[2022-08-01, 12:00:00 PDT] {{subprocess.py:74}} INFO - x', '2022-08-01T19:00:00.000Z'],
  ['[2024-07-06, 12:34:20 +03] {subprocess.py:74} INFO - x', '2024-07-06T09:34:20.000Z'],
  ['[2024-07-06T12:34:20.495-0500] {override.py:1516} INFO - x', '2024-07-06T17:34:20.495Z'],
  ['[2024-07-06T12:34:20.495+0000] {override.py:1516} INFO - x', '2024-07-06T12:34:20.495Z'],
  ['[2024-07-06T12:34:20.495+05:30] {override.py:1516} INFO - x', '2024-07-06T07:04:20.495Z'],
  ['[2023-03-22 14:52:37,546] {manager.py:212} INFO - Added user x', '2023-03-22T14:52:37.546Z'],
  ['[2026-11-22 05:52:01 +0000] [123] [INFO] Listening at', '2026-11-22T05:52:01.000Z'],
  ['[2026-11-22 05:52:01,123: INFO/MainProcess] Task x', '2026-11-22T05:52:01.123Z'],
  ['2026-05-06T01:00:14.610844Z [info     ] msg', '2026-05-06T01:00:14.610Z'],
  ['2026-11-22 05:55:38 [debug    ] Heartbeat updated', '2026-11-22T05:55:38.000Z'],
  ['2026-11-22 05:55:38.123456 [info     ] Task x', '2026-11-22T05:55:38.123Z'],
  ['{"timestamp":"2026-11-22T05:55:38.123456Z","event":"x"}', '2026-11-22T05:55:38.123Z'],
  ['{"event":"x","timestamp":"2026-11-22T05:55:38.123456"}', '2026-11-22T05:55:38.123Z'],
  [
    '127.0.0.1 - - [22/Nov/2026:05:52:01 +0000] "POST /variable/add HTTP/1.1" 400 117',
    '2026-11-22T05:52:01.000Z',
  ],
  [
    '10.0.0.1 - mary ann [26/May/2021:10:35:50 -0130] "GET / HTTP/1.1" 200',
    '2021-05-26T12:05:50.000Z',
  ],
  ['[03/Nov/2022:01:28:08 +0000] "POST /users/edit/2 HTTP/1.1" 302', '2022-11-03T01:28:08.000Z'],
  [
    '[\u001b[34m2022-05-26 05:50:55,164\u001b[0m] {\u001b[34mmanager.py:\u001b[0m568} INFO',
    '2022-05-26T05:50:55.164Z',
  ],
  [
    '[INFO] - [2024-03-12T11:39:03.208+0000] {override.py:1829} INFO - Added',
    '2024-03-12T11:39:03.208Z',
  ],
  [
    '[INFO] - 10.0.0.1 - - [22/Nov/2026:05:52:01 +0000] "GET / HTTP/1.1" 200',
    '2026-11-22T05:52:01.000Z',
  ],
  [
    '2026-11-22T05:55:38.123456Z [\u001b[32m\u001b[1minfo     \u001b[0m] x',
    '2026-11-22T05:55:38.123Z',
  ],
  [
    '\u001b[1m{\u001b[0m"timestamp":"2026-11-22T05:55:38.123456Z","event":"x"}',
    '2026-11-22T05:55:38.123Z',
  ],
])('%s has its own time', (line, time) => {
  const start = readLineStart(line);
  expect(start).toEqual({ kind: 'stamped', epochMs: Date.parse(time) });
});

test('an unknown zone is reported and read as UTC', () => {
  expect(readLineStart('[2023-04-14, 13:12:29 XYZ] {a.py:1} INFO - x')).toEqual({
    kind: 'stamped',
    epochMs: Date.parse('2023-04-14T13:12:29Z'),
    unknownZone: 'XYZ',
  });
});

test.each([
  ['a traceback', '  File "/usr/local/x.py", line 2, in <module>'],
  ['an empty line', ''],
  ['a stamp within the line', 'INFO - [2023-03-22 14:52:37,546] {x.py:1}'],
  ['JSON that is broken', '{"timestamp":"2026-11-22T05:55:38.123456Z","event":"x'],
  ['JSON of somebody else', '{"a": 1}'],
  ['JSON of somebody else with a time', '{"timestamp":"2026-11-22T05:55:38Z","message":"x"}'],
  ["a container's time", '2026-11-22T05:49:59.000000000Z [2026-11-22, 05:49:59 UTC] {a.py:1} x'],
  ["a component's name", 'webserver  | 10.0.0.1 - - [22/Nov/2026:05:52:01 +0000] "GET / HTTP/1.1"'],
  ['a list', '[1, 2]'],
])('%s has no time', (_what, line) => {
  expect(readLineStart(line)).toEqual({ kind: 'plain' });
});

test.each([
  [
    '[2023-02-30 14:52:37,546] {manager.py:212} INFO - x',
    '[2023-02-30 14:52:37,546] does not exist',
  ],
  ['[2023-02-20 25:52:37,546] {manager.py:212} INFO - x', 'does not exist'],
  ['[1999-01-01T00:00:00.000+0000] {a.py:1} INFO - x', 'is not from 2015 to 2099'],
  ['[2126-01-01T00:00:00.000+0000] {a.py:1} INFO - x', 'is not from 2015 to 2099'],
  ['[1795326599] {subprocess.py:93} INFO - x', 'time 1795326599 has an unknown format'],
  ['[22.11.2026 05:50:01] {{subprocess.py:93}} INFO - x', 'has an unknown format'],
  ['10.0.0.1 - - [22/Nom/2026:05:52:01 +0000] "GET / HTTP/1.1" 200', 'does not exist'],
])('%s has a time that cannot be read, with the reason', (line, why) => {
  expect(readLineStart(line)).toEqual({
    kind: 'plain',
    unreadableTime: expect.stringContaining(why),
  });
});

test.each([
  ['1795326599', 'its time 1795326599 is not an ISO time'],
  ['"yesterday"', 'its time "yesterday" is not an ISO time'],
  ['"1999-01-01T00:00:00Z"', 'is not from 2015 to 2099'],
  ['null', 'its time null is not an ISO time'],
])('a JSON record with the time %s is a separate record, with the reason', (time, why) => {
  expect(readLineStart(`{"event":"x","timestamp":${time}}`)).toEqual({
    kind: 'json',
    unreadableTime: expect.stringContaining(why),
  });
});

test('a JSON record without a timestamp is a separate record', () => {
  expect(readLineStart('{"event":"x","level":"info"}')).toEqual({ kind: 'json' });
});

test('a text inside a JSON record cannot forge its time', () => {
  const line = JSON.stringify({
    event: '"timestamp":"1999-01-01T00:00:00Z"',
    timestamp: '2026-01-01T00:00:00Z',
  });
  expect(readLineStart(line)).toEqual({
    kind: 'stamped',
    epochMs: Date.parse('2026-01-01T00:00:00Z'),
  });
});

test('the stamp of most lines means the same however it is found', () => {
  const digits = (length: number) =>
    fc.nat(10 ** length - 1).map((one) => String(one).padStart(length, '0'));
  const two = fc.oneof(
    fc.integer({ min: 1, max: 28 }).map((one) => String(one).padStart(2, '0')),
    digits(2),
  );
  const year = fc.oneof(fc.constantFrom('2024', '2026'), digits(4));
  const stamp = fc
    .tuple(year, two, two, two, two, two, digits(3))
    .map(([year, month, day, hour, minute, second, millisecond]) => {
      return `[${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}+0000]`;
    });
  // One character is another one.
  const damage = fc.record({
    at: fc.nat(40),
    by: fc.constantFrom('', '0', '5', ':', ' ', 'x', '٣', ']'),
  });
  fc.assert(
    fc.property(stamp, fc.option(damage), (text, damaged) => {
      const whole = `${text} {taskinstance.py:1} INFO - text`;
      const { at, by } = damaged ?? { at: whole.length, by: '' };
      const line = whole.slice(0, at) + by + whole.slice(at + 1);
      // Colours are taken away first, and such a line is read by the regexp.
      expect(readLineStart(line)).toEqual(readLineStart(`\u001b[0m${line}`));
    }),
    { seed: 29, numRuns: 3000 },
  );
});

test('the work grows linearly with the length of a line without blanks', () => {
  const reading = (size: number) => {
    const line = '-[ - '.repeat(size);
    return () => void readLineStart(line);
  };
  expect(growth(reading, 1000)).toBeLessThan(linearGrowth);
});
