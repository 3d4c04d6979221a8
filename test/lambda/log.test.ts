import fc from 'fast-check';
import { createLog, describeError } from '../../lambda/log.ts';

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

test('an error is described with the causes behind it', () => {
  const cause = new TypeError('inner', { cause: 'a text' });
  expect(describeError(new Error('outer', { cause }))).toBe(
    'Error: outer <- TypeError: inner <- a text',
  );
});

test('causes that go in a circle end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeError(error)).toMatch(/^(Error: round( <- )?){2,5}$/);
});
