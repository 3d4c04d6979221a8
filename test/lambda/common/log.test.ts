import fc from 'fast-check';
import { createLog, describeError, describeErrors } from '../../../lambda/common/log.ts';

const clock = { nowEpochMs: () => Date.parse('2026-03-01T09:00:04Z') };

test('a decision is one line of JSON, whatever is in its fields', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const lines: string[] = [];
      const log = createLog((line) => lines.push(line), clock, { environment: 'prod' });
      log('warn', 'log-group-blind', { detail: text });
      expect(lines.join('').match(/\n/g)).toHaveLength(1);
      expect(JSON.parse(lines.join(''))).toEqual({
        level: 'warn',
        time: '2026-03-01T09:00:04.000Z',
        environment: 'prod',
        decision: 'log-group-blind',
        detail: text,
      });
    }),
  );
});

test('an error is described with its causes', () => {
  const cause = new TypeError('inner', { cause: 'a text' });
  expect(describeError(new Error('outer', { cause }))).toBe(
    'Error: outer <- TypeError: inner <- a text',
  );
});

test('a long error is cut, ends with its length, and leaves room for its causes', () => {
  const cause = new TypeError(`why ${'x'.repeat(20_000)}`);
  const said = describeError(new Error(`what ${'\u{1f600}'.repeat(5_000)}`, { cause }));
  expect(said).toMatch(
    /^Error: what .*… \(10012 characters\) <- TypeError: why x+… \(20015 characters\)$/u,
  );
  expect(said.length).toBeLessThanOrEqual(2 * 500 + ' <- '.length);
  expect(said.isWellFormed()).toBe(true);
});

test('many errors are described by the first ones and how many more there are', () => {
  const errors = Array.from({ length: 300 }, (_, at) => new Error(`${at}`));
  const said = describeErrors(errors);
  expect(said.slice(0, 2)).toEqual(['Error: 0', 'Error: 1']);
  expect(said.slice(-2)).toEqual(['Error: 19', 'and 280 more']);
  expect(describeErrors(errors.slice(0, 2))).toEqual(['Error: 0', 'Error: 1']);
});

test('circular causes end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeError(error)).toMatch(/^(Error: round( <- )?){2,5}$/);
});
