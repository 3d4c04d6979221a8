import { Checks } from './checks.ts';

function recorded() {
  const lines: string[] = [];
  let nowMs = 0;
  const checks = new Checks(
    (line) => lines.push(line),
    () => nowMs,
  );
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  return { checks, lines, pass };
}

test('the summary counts as the summary of jest does', () => {
  const { checks } = recorded();
  checks.check('a rule', true);
  expect(checks.hasFailed).toBe(false);
  expect(checks.finish()).toBe('Tests: 1 passed, 1 total');
  checks.none('another', ['an exception']);
  expect(checks.hasFailed).toBe(true);
  expect(checks.finish()).toBe('Tests: 1 failed, 1 passed, 2 total');
});

test('a rule that does not hold shows what was seen, one that holds does not', () => {
  const { checks, lines } = recorded();
  checks.check('one', true, 'unseen');
  checks.check('two', false, { seen: 2 });
  checks.none('three', []);
  expect(lines).toEqual(['  ok      one', '  FAILED  two: {"seen":2}', '  ok      three']);
});

test('what was seen is shown only so far', () => {
  const { checks, lines } = recorded();
  checks.check('long', false, 'x'.repeat(100_000));
  expect(lines[0]?.length).toBeLessThan(2000);
});

test('a step ends with its time when the next one begins', () => {
  const { checks, lines, pass } = recorded();
  checks.step('first', 'it shows something');
  pass(2);
  checks.step('second', 'it shows more');
  pass(3);
  checks.finish();
  expect(lines).toEqual([
    '\nfirst: it shows something',
    '  2.0 s',
    '\nsecond: it shows more',
    '  3.0 s',
    '\ntime 5.0 s',
  ]);
});
