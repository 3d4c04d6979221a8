import fc from 'fast-check';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { type PackText, packText, partsOf } from '../../../lambda/query/pack-text.ts';
import { containing } from '../setup/pack-fixture.ts';

const exact = (id: string): Candidate => containing(id, id);
function loose(id: string, ...literals: string[]): Candidate {
  return { id, literals, condition: { field: 'message', contains: id } };
}

test('a text asks for the fields of a row, any of the filters, the oldest first, up to the limit', () => {
  expect(packText([exact('a'), exact('b')])).toEqual({
    detections: ['a', 'b'],
    queryString:
      'fields @timestamp, @ingestionTime, @log, @logStream, @message' +
      ' | filter @message like "a" or @message like "b" | sort @timestamp asc | limit 10000',
  });
});

test('one regexp contains the strings of all loosened detections, each once', () => {
  const text = packText([loose('a', 'x', 'y'), exact('b'), loose('c', 'y', 'z')]);
  expect(text.queryString).toContain('| filter @message like "b" or @message like /x|y|z/ |');
});

const ids = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'f'];
const candidate = fc.tuple(
  fc.boolean(),
  fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { minLength: 1, maxLength: 3 }),
);
const candidates = fc.array(candidate, { minLength: 1, maxLength: ids.length }).map((drawn) =>
  drawn.map(([isExact, literals], at) => {
    const id = ids[at] ?? '';
    return isExact ? exact(id) : loose(id, ...literals);
  }),
);

test('the text of some detections is never longer than that of all', () => {
  fc.assert(
    fc.property(candidates, fc.nat(), (all, choice) => {
      const some = all.filter((_, at) => ((choice >> at) & 1) === 1);
      if (some.length === 0) return;
      const { length } = packText(some).queryString;
      expect(length).toBeLessThanOrEqual(packText(all).queryString.length);
    }),
  );
});

test("a text is divided down to single detections, whose limit is StartQuery's parameter", () => {
  fc.assert(
    fc.property(candidates, (all) => {
      const inner: PackText[] = [];
      const leaves: PackText[] = [];
      const open = [packText(all)];
      for (let text = open.pop(); text !== undefined; text = open.pop()) {
        const parts = partsOf(text, all);
        (parts.length === 0 ? leaves : inner).push(text);
        if (parts.length > 0) {
          expect(parts.flatMap(({ detections }) => detections)).toEqual(text.detections);
        }
        open.push(...parts.toReversed());
      }
      expect(leaves.map(({ detections }) => detections)).toEqual(all.map(({ id }) => [id]));
      for (const { rowsMax, queryString } of leaves) {
        expect(rowsMax).toBe(100_000);
        expect(queryString).toMatch(/ \| sort @timestamp asc$/);
      }
      for (const { rowsMax, queryString } of inner) {
        expect(rowsMax).toBeUndefined();
        expect(queryString).toMatch(/ \| limit 10000$/);
      }
    }),
  );
});
