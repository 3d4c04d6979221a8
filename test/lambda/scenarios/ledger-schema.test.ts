import * as z from 'zod/mini';
import {
  checkItem,
  expiryAfter,
  isOfLaterVersion,
  LedgerVersionError,
  timeKey,
} from '../../../lambda/ledger/ledger-schema.ts';

const schema = z.object({ data: z.object({ count: z.int() }) });
const item = (changes: object) => ({
  ...{ pk: 'the-pk', sk: 'the-sk', schema: 1, data: '{"count":1}' },
  ...changes,
});

test.each([1, 2, 3])('an item of version %i is read, its data as JSON', (version) => {
  expect(checkItem(schema, item({ schema: version }))).toEqual({ value: { data: { count: 1 } } });
});

test('a field that a later version added is ignored', () => {
  const more = item({ added: true, data: '{"count":1,"more":2}' });
  expect(checkItem(schema, more)).toEqual({ value: { data: { count: 1 } } });
});

test.each<[object, string]>([
  [{ schema: 4 }, 'field "schema": must be 1, 2 or 3'],
  [{ schema: undefined }, 'field "schema": must be 1, 2 or 3'],
  [{ schema: '1' }, 'field "schema": must be 1, 2 or 3'],
  [{ data: '{"count":1.5}' }, 'field "data.count": expected int'],
  [{ data: '{"count"' }, 'field "data": expected object'],
  [{ data: undefined }, 'field "data": expected object'],
])('an item with %j cannot be read, by field and rule', (changes, problem) => {
  expect(checkItem(schema, item(changes)).problem).toContain(problem);
});

test('the problem of an item does not contain its values, which may be log text', () => {
  const { problem } = checkItem(schema, item({ data: '{"count":"hunter2"}' }));
  expect(problem).not.toContain('hunter2');
});

test('only a whole number above this version is a later version', () => {
  const isLater = (version: unknown) => isOfLaterVersion(item({ schema: version }));
  expect([4, 5].map(isLater)).toEqual([true, true]);
  expect([1, 2, 3, 3.5, '3', undefined, Number.NaN].some(isLater)).toBe(false);
});

test('a later version is refused with the key, the value seen and what to do', () => {
  expect(new LedgerVersionError(item({ schema: 4 })).message).toBe(
    'ledger item the-pk / the-sk: field "schema": must be 1, 2 or 3, which this version of the monitor reads, got 4; nothing was overwritten: deploy the version of the monitor that wrote it, or a later one',
  );
});

test('keys of times sort like the times', () => {
  const times = [0, 9, 10, 999_999_999_999, 1_000_000_000_000, 9_999_999_999_999];
  expect(times.map(timeKey).toSorted()).toEqual(times.map(timeKey));
  expect(timeKey(-5)).toBe(timeKey(0));
});

test('an item expires after its days, in whole seconds, never earlier', () => {
  expect(expiryAfter(1_001, 1)).toBe(86_402);
  expect(expiryAfter(0, 14.5)).toBe(14.5 * 86_400);
});
