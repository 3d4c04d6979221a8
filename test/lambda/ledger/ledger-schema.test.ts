import * as z from 'zod/mini';
import { expiryAfter, parseItem, timeKey } from '../../../lambda/ledger/ledger-schema.ts';

const schema = z.object({ data: z.object({ count: z.int() }) });
const item = (changes: object) => ({
  ...{ pk: 'the-pk', sk: 'the-sk', schema: 1, data: '{"count":1}' },
  ...changes,
});

test.each([1, 2])('an item of version %i is read', (version) => {
  expect(parseItem(schema, item({ schema: version }))).toEqual({ data: { count: 1 } });
});

test('a field that a later version added is passed over', () => {
  const more = item({ added: true, data: '{"count":1,"more":2}' });
  expect(parseItem(schema, more)).toEqual({ data: { count: 1 } });
});

test('the data of an item is read as JSON and checked', () => {
  expect(parseItem(schema, item({}))).toEqual({ data: { count: 1 } });
});

test.each<[object, string, string]>([
  [{ schema: 3 }, 'field "schema": must be 1 or 2', 'got 3; nothing was overwritten'],
  [{ schema: undefined }, 'field "schema": must be 1 or 2', 'got nothing'],
  [{ schema: '1' }, 'field "schema": must be 1 or 2', 'got "1"'],
  [{ data: '{"count":1.5}' }, 'field "data.count"', '(got 1.5)'],
  [{ data: '{"count"' }, 'field "data"', '{\\"count'],
  [{ data: undefined }, 'field "data"', '(got nothing)'],
])(
  'an item with %j is refused, with its keys, the field and the value seen',
  (changes, ...parts) => {
    for (const part of ['ledger item the-pk / the-sk: ', ...parts]) {
      expect(() => parseItem(schema, item(changes))).toThrow(part);
    }
  },
);

test('times as keys are in the order of the times', () => {
  const times = [0, 9, 10, 999_999_999_999, 1_000_000_000_000, 9_999_999_999_999];
  expect(times.map(timeKey).toSorted()).toEqual(times.map(timeKey));
  expect(timeKey(-5)).toBe(timeKey(0));
});

test('an item goes some days later, by DynamoDB’s clock of whole seconds, never earlier', () => {
  expect(expiryAfter(1_001, 1)).toBe(86_402);
  expect(expiryAfter(0, 14.5)).toBe(14.5 * 86_400);
});
