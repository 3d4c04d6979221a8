import fc from 'fast-check';
import { EventStore } from '../../../local/insights-engine/store.ts';
import { translate } from '../../../local/insights-engine/translate.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { eventsOf, group, startEpochMs } from './ask.ts';
import { anyFilter, anyMessage } from './filter-texts.ts';

const range = {
  startEpochMs,
  endEpochMs: startEpochMs + 86_400_000,
  nowEpochMs: startEpochMs + 86_400_000,
};

function translated(query: string, condition: string, withoutPrefilter: boolean) {
  const surroundings = { ...range, condition, limit: 10_000, withoutPrefilter };
  return translate(parseQuery(query), surroundings);
}

const query = fc
  .tuple(anyFilter, anyFilter)
  .map(([first, second]) => `filter ${first} | filter ${second} | fields @message`);

test('the search for required strings never loses a match', async () => {
  const store = await EventStore.open();
  const messages = fc.sample(anyMessage, { numRuns: 300, seed: 11 });
  await store.load(eventsOf(messages));
  const where = store.condition([group], range);
  await fc.assert(
    fc.asyncProperty(query, async (text) => {
      const [fast, full] = await Promise.all(
        [false, true].map((without) => store.rows(translated(text, where, without).sql)),
      );
      expect(fast).toEqual(full);
    }),
    { numRuns: 40 },
  );
  store.close();
});

test.each([
  ['filter @message like "add-role"', ["contains(msg, 'add-role')"]],
  [
    'fields @log | filter @message like /ab+c?de/ or strcontains(@message, "xy")',
    ["contains(msg, 'xy')"],
  ],
  ['limit 5 | filter @message like "late"', []],
  ['filter @message not like "no"', []],
])(
  'strings that the events must contain are searched in the table itself: %s',
  (query, searches) => {
    const { sql } = translated(query, 'true', false);
    const base = sql.slice(0, sql.indexOf('), s1'));
    for (const search of searches) expect(base).toContain(search);
    expect(base.includes('contains(')).toBe(searches.length > 0);
  },
);
