import { auditRange } from '../../../cli/audit/audit-range.ts';
import { dayMs } from '../../../lambda/common/time.ts';

const now = Date.parse('2026-11-28T20:15:42.500Z');
const at = (time: string) => Date.parse(time);

test('the default range is the last 30 days up to the last full minute', () => {
  expect(auditRange({}, now, undefined)).toEqual({
    startEpochMs: at('2026-10-29T20:15:00Z'),
    endEpochMs: at('2026-11-28T20:15:00Z'),
  });
});

test('the second of --to is included', () => {
  const from = at('2026-11-20T00:00:00.900Z');
  const to = at('2026-11-21T00:00:00Z');
  expect(auditRange({ from, to }, now, undefined)).toEqual({
    startEpochMs: at('2026-11-20T00:00:00Z'),
    endEpochMs: at('2026-11-21T00:00:01Z'),
  });
});

test('the range never extends beyond now', () => {
  const from = at('2026-11-28T00:00:00Z');
  for (const to of [undefined, at('2027-01-01T00:00:00Z')]) {
    const range = auditRange({ from, ...(to !== undefined && { to }) }, now, undefined);
    expect(range.endEpochMs).toBe(at('2026-11-28T20:15:42Z'));
  }
});

test('a range that begins before 1970 is refused', () => {
  expect(() => auditRange({ last: 999_999 * dayMs }, now, undefined)).toThrow('before 1970');
});

describe('a continued run reads the same range as before', () => {
  const kept = { startEpochMs: at('2026-10-01T10:00:00Z'), endEpochMs: at('2026-10-08T10:00:00Z') };
  test.each([
    ['said nothing', {}],
    ['as long', { last: 7 * dayMs }],
    ['the same start', { from: kept.startEpochMs }],
    ['an end in the future', { from: kept.startEpochMs, to: now + dayMs }],
  ])('%s', (_what, options) => {
    expect(auditRange(options, now, kept)).toEqual(kept);
  });

  test.each([
    ['another length', { last: 8 * dayMs }],
    ['another start', { from: kept.startEpochMs + 1000 }],
    ['another end', { from: kept.startEpochMs, to: kept.endEpochMs }],
  ])('except with %s', (_what, options) => {
    expect(auditRange(options, now, kept)).not.toEqual(kept);
  });
});
