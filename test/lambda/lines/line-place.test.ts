import fc from 'fast-check';
import {
  holdsSecurityManagerRecord,
  isSecurityManagerEvent,
  securityManagerSource,
  sourceAfter,
} from '../../../lambda/lines/line-place.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

test.each([
  ...['', '- ', '* ', '[base] ', 'stdout: ', 'rc=0 out=', 'worker_1 | ', "stdout='", 'x\\n', '✅ '],
  ...['[2026-11-22T05:50:01.362+0000] {{subprocess.py:93}} INFO - ', 'INFO:root:', '[INFO] - '],
  ...['2026-11-22T05:50:01.3Z [info     ] ', '[2026-11-22 05:47:51,868: WARNING/Worker-2] '],
  ...['Done. Returned value was: ', 'Output of airflow users add-role: '],
])('a program may have written a text after %j', (before) => {
  expect(sourceAfter(before)).toBe('own');
});

test.each([
  ...['expected log: ', 'Grafana: ', 'The CLI prints: ', "assert result == '", "grep -q '"],
  ...['E   AssertionError: ', 'Sample output: ', 'docs: ', "self.assertIn('", 'it is said that '],
])('a text after %j is quoted', (before) => {
  expect(sourceAfter(before)).toBe('quoted');
  expect(sourceAfter(`[2026-11-22] {subprocess.py:106} INFO - ${before}`)).toBe('quoted');
});

test.each(['ok so ', 'done: ', 'and now ', 'x: y ', 'a long way before it, '.repeat(9)])(
  'a DAG’s author makes no line less by words of his own: %j',
  (before) => {
    expect(sourceAfter(before)).toBe('own');
    expect(sourceAfter(`[2026-11-22] {subprocess.py:106} INFO - ${before}`)).toBe('own');
  },
);

test('a line counts no less within a record of Airflow', () => {
  const record = fc.constantFrom(
    ...['[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - ', '[INFO] - ', '[base] '],
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 4 }), (records) => {
      expect(sourceAfter(records.join(''))).toBe('own');
    }),
  );
});

const place = '[2026-11-22] {override.py:1596} INFO - ';
const logger = 'airflow.providers.fab.auth_manager.security_manager.override';

test("a text is the security manager's if its module is in the place before it", () => {
  const source = (before: string) => securityManagerSource(before, 'Added user bob', false);
  expect(source(place)).toBe('own');
  expect(source('[2026-11-22] {{manager.py:568}} INFO - ')).toBe('own');
  expect(source(`stdout='${place}`)).toBe('own');
  expect(source('2026-11-22 INFO override.py:1596 - ')).toBe('own');
  expect(source('[2026-11-22] {account_manager.py:568} INFO - ')).toBeUndefined();
  expect(source('[2026-11-22] {noise.py:18} INFO - see manager.py:568: ')).toBeUndefined();
  expect(source(`${place}note: `)).toBeUndefined();
});

// Lines of 2.4.3, 2.7.2 and 2.8.1, of the provider 1.5.0 and of the one of Airflow 3.0.6.
test.each([
  ...['manager.py:211', 'manager.py:212', 'manager.py:226', 'manager.py:584', 'security.py:258'],
  ...['override.py:1052', 'override.py:1365', 'override.py:1507', 'override.py:1962'],
])("a text that Airflow writes in %s is the security manager's", (at) => {
  const source = securityManagerSource(`[2026-11-22] {${at}} INFO - `, 'Added user x', false);
  expect(source).toBe('own');
});

test.each(['manager.py:12', 'manager.py:77', 'override.py:3', 'override.py:120', 'security.py:8'])(
  'a module of a DAG’s own is told by its line: %s',
  (at) => {
    const [filename = '', lineno] = at.split(':');
    const before = `[2026-11-22] {${at}} INFO - `;
    const event = JSON.stringify({ event: 'Updated user x', filename, lineno: Number(lineno) });
    expect(securityManagerSource(before, 'Updated user x', false)).toBeUndefined();
    expect(holdsSecurityManagerRecord(`${before}Updated user x`, '')).toBe(false);
    expect(isSecurityManagerEvent(event)).toBe(false);
  },
);

test("a text is the security manager's if JSON or structlog names its logger", () => {
  const struct = `Added user bob   [${logger}] loc=override.py:1596`;
  expect(securityManagerSource('2026-05-06T01:00:14Z [info     ] ', struct, false)).toBe('own');
  expect(isSecurityManagerEvent(JSON.stringify({ event: 'x', logger }))).toBe(true);
  expect(isSecurityManagerEvent(JSON.stringify({ event: 'x', filename: 'override.py' }))).toBe(
    true,
  );
  expect(isSecurityManagerEvent(JSON.stringify({ event: 'x', logger: 'etl.manager' }))).toBe(false);
  const inText = { event: `"logger": "${logger}"`, logger: 'task.stdout' };
  expect(isSecurityManagerEvent(JSON.stringify(inText))).toBe(false);
});

test.each(['[', '{', '(', 'a', 'a.', 'a ', '- ', '"', '\\', '1:', 'x | '])(
  'what stands before is read in bounded work: %j',
  (unit) => {
    const reading = (size: number) => () =>
      void securityManagerSource(unit.repeat(size), 'x', true);
    expect(growth(reading, 4096)).toBeLessThan(linearGrowth);
  },
);
