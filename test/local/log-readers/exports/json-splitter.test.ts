import fc from 'fast-check';
import {
  JsonSplitter,
  type JsonUnit,
} from '../../../../local/log-readers/exports/json-splitter.ts';

function unitsOf(text: string): JsonUnit[] {
  const splitter = new JsonSplitter();
  const units = text.split('\n').flatMap((line, index) => splitter.push(line, index + 1));
  return [...units, ...splitter.end()];
}

const values = fc.array(
  fc.dictionary(
    fc.string().filter((key) => !/^(?:events|results|[rR]ecords)$/.test(key)),
    fc.jsonValue(),
  ),
  { minLength: 1, maxLength: 4 },
);
const spaces = fc.constantFrom(undefined, 1, 4);

test('any JSON values are found, one on a line, over lines, in a list, or without anything between them', () => {
  fc.assert(
    fc.property(
      values,
      spaces,
      fc.constantFrom('\n', '', ' ', ',\n', '\n\n'),
      (some, space, between) => {
        const expected = some.map((one) => JSON.parse(JSON.stringify(one)));
        const parsed = (text: string) => unitsOf(text).map((unit) => JSON.parse(unit.text));
        expect(parsed(some.map((one) => JSON.stringify(one, null, space)).join(between))).toEqual(
          expected,
        );
        expect(parsed(JSON.stringify(some, null, space))).toEqual(expected);
        const answer = { before: { events: 1 }, events: some, after: [{ events: [] }] };
        const found = unitsOf(JSON.stringify(answer, null, space));
        expect(found.filter(({ isRest }) => !isRest).map((unit) => JSON.parse(unit.text))).toEqual(
          expected,
        );
        expect(found.filter(({ isRest }) => isRest).map((unit) => JSON.parse(unit.text))).toEqual([
          { ...answer, events: [] },
        ]);
      },
    ),
    { seed: 18, numRuns: 300 },
  );
});

test('whatever the text is, each line that is not blank or punctuation is part of a unit or a problem', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\n',
    '"events":[',
    'x',
    '1',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      if (/^[\s,\]}]*$/.test(text)) return;
      const isOnlyEmpty = /^[\s,[\]}]*$/.test(text);
      expect(unitsOf(text).length > 0 || isOnlyEmpty).toBe(true);
    }),
    { seed: 18, numRuns: 500 },
  );
});

test('a value that breaks off is reported with the line where it starts, and the next one is read', () => {
  expect(unitsOf('{"a": 1}\n{"b": {\n  "c": "x\n  "d": 2\n}}\n{"e": 3}')).toEqual([
    { line: 1, text: '{"a": 1}' },
    { line: 2, problem: 'not JSON', text: expect.stringContaining('{"b": {') },
    { line: 4, problem: 'not JSON', text: '  "d": 2' },
    { line: 5, problem: 'not JSON', text: '}}' },
    { line: 6, text: '{"e": 3}' },
  ]);
  expect(unitsOf('{"a": {\n{"b": 1}\n[{"c"')).toEqual([
    { line: 1, problem: 'cut off', text: expect.stringContaining('{"a"') },
    { line: 2, text: '{"b": 1}' },
    { line: 3, problem: 'cut off', text: expect.stringContaining('{"c"') },
  ]);
});
