import fc from 'fast-check';
import { manyDetections } from '../../../bench/many-detections.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { logGroupOfLogField } from '../../../lambda/query/match-counts.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { InputError } from '../../../queries/tools/checked-yaml.ts';
import { documentedDetectionId, loadDetections } from '../../../queries/tools/load-detections.ts';
import { packCandidates } from '../../../queries/tools/pack-candidates.ts';
import { readFusibleQuery } from '../../../query-language/pack/fusible-query.ts';
import { maxQueryCharacters, parseQuery } from '../../../query-language/parser/parse-query.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { ask, engineWith } from '../../local/insights-engine/ask.ts';
import { filterText, lineSource } from '../../query-language/filter-arbitrary.ts';
import { chooser, matchingText } from '../../query-language/regexp-arbitrary.ts';
import { withoutSpans } from '../../query-language/tree-fixture.ts';

const detections = loadDetections().map(({ id, query, logTypes: own }) => ({
  id,
  query: id === documentedDetectionId ? `filter @message like "${id}"` : query,
  logTypes: own,
}));
const everywhere = { logTypes: [...logTypes] };
const lengthOf = (candidates: readonly Candidate[]) => packText(candidates).queryString.length;
const isLoose = ({ literals }: Candidate) => literals !== undefined;

function treeOf(condition: string) {
  const [filter] = parseQuery(`filter ${condition}`).commands;
  if (filter?.kind !== 'filter') throw new Error('no filter');
  return withoutSpans(filter.condition);
}

/** Without text that Logs Insights may read in more than one way. */
function refusedOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

test("an exact filter is the detection's own filter, in its log types", () => {
  const detection = fc.record({
    filter: filterText,
    logTypes: fc.subarray([...logTypes], { minLength: 1 }),
  });
  fc.assert(
    fc.property(detection, ({ filter, logTypes: own }) => {
      const query = `filter ${filter}`;
      if (refusedOr(() => readFusibleQuery(query)) === undefined) return;
      const [candidate] = packCandidates([{ id: 'one', query, logTypes: own }]);
      const isOfAll = own.length === logTypes.length;
      const expected = isOfAll ? filter : `(${filter}) and @log like /-(${own.join('|')})$/`;
      const asked = candidate?.filter ?? '';
      expect(treeOf(asked)).toEqual(treeOf(expected));
      // It is complete between other operands.
      const between = (text: string) => treeOf(`@log = "a" or ${text} or @log = "b"`);
      expect(between(asked)).toEqual(between(`(${asked})`));
    }),
    { numRuns: 200 },
  );
});

test('a pack that fits has only exact filters; otherwise as few as possible are loosened', () => {
  const exact = packCandidates(detections);
  expect(exact.filter(isLoose)).toEqual([]);
  const counts = [lengthOf(exact) - 60, 7_000, 5_000, 3_000, 2_000].map((max) => {
    const candidates = packCandidates(detections, max);
    expect(lengthOf(candidates)).toBeLessThanOrEqual(max);
    expect(candidates.map(({ id }) => id)).toEqual(detections.map(({ id }) => id));
    return candidates.filter(isLoose).length;
  });
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts[0]).toBeLessThan(4);
});

test('a loosened detection keeps its condition and reads every log group', () => {
  const exact = packCandidates(detections);
  packCandidates(detections, 2_000).forEach((candidate, at) => {
    expect(candidate.condition).toEqual(exact[at]?.condition);
    expect(candidate.logTypes).toEqual(exact[at]?.logTypes);
    for (const literal of candidate.literals ?? []) expect(literal).not.toContain('@log');
  });
});

test('200 detections fit into one query', () => {
  const candidates = packCandidates(manyDetections(detections, 200));
  expect(candidates).toHaveLength(200);
  const { queryString } = packText(candidates);
  expect(queryString.length).toBeLessThanOrEqual(maxQueryCharacters);
  expect(() => parseQuery(queryString)).not.toThrow();
});

test('detections that cannot be shortened enough are refused with their length', () => {
  const [, ...others] = detections;
  const long = '[a-z]\\d[A-F]\\s'.repeat(700);
  const query = `filter @message like /${long}/`;
  const tooLong = [...others, { ...everywhere, id: 'too-long', query }];
  expect(() => packCandidates(tooLong)).toThrow(InputError);
  expect(() => packCandidates(tooLong)).toThrow(/too-long \(\d{4,5} characters\)/);
});

const numbers = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });
const message = fc.oneof(
  fc
    .tuple(lineSource, numbers, fc.constantFrom('', '\n', '\r\n', 'x', ' '))
    .map(([source, choices, end]) => {
      const text = matchingText(readRegexpSource(source).root, chooser(choices)) + end;
      return choices[0] === 1 ? text.toUpperCase() : text;
    }),
  fc.constantFrom('a', 'role', 'User ', 'É', 'é', 'ſ', 'S', 'K', 'K', '', '\v', '\u00a0', '\ud800'),
);

test('a combined query, loosened or not, finds everything that a filter finds alone, with the same verdict', async () => {
  const messages = [...new Set(fc.sample(message, { numRuns: 400, seed: 7 }))]
    .map((text) => text.toWellFormed())
    .filter((text) => text !== '');
  const engine = await engineWith(messages);
  const found = async (queryString: string) => ask(engine, queryString, { limit: 10_000 });
  let [loosened, matched] = [0, 0];
  try {
    await fc.assert(
      fc.asyncProperty(filterText, async (text) => {
        const query = `filter ${text}`;
        if (refusedOr(() => readFusibleQuery(query)) === undefined) return;
        const detection = { ...everywhere, id: 'one', query };
        const alone = await found(`fields @timestamp | ${query} | sort @timestamp asc`);
        const expected = alone.map((row) => row['@timestamp']);
        for (const candidates of packsOf(detection)) {
          if (candidates.some(isLoose)) loosened += 1;
          const verdicts = new Verdicts(candidates);
          const rows = await found(packText(candidates).queryString);
          const decided = rows.filter((row) => {
            const { '@message': said = '', '@log': log = '', '@logStream': logStream = '' } = row;
            const event = { message: said, log, logGroup: logGroupOfLogField(log), logStream };
            return verdicts.decide(event).detections.length > 0;
          });
          expect(decided.map((row) => row['@timestamp'])).toEqual(expected);
        }
        matched += expected.length;
      }),
      { numRuns: 400 },
    );
  } finally {
    engine.close();
  }
  expect(loosened).toBeGreaterThan(20);
  expect(matched).toBeGreaterThan(1_000);
});

/** Its exact filter, and the strings that replace it, if any. */
function packsOf(detection: (typeof detections)[number]): Candidate[][] {
  const exact = packCandidates([detection]);
  try {
    return [exact, packCandidates([detection], lengthOf(exact) - 1)];
  } catch (error) {
    if (error instanceof InputError) return [exact];
    throw error;
  }
}
