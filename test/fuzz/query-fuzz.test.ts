import { queryTexts } from '../local/insights-engine/query-texts.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { AnswerFuzzer, CanaryFuzzer } from './answers.ts';
import { bombs, fuzzTexts, inspect } from './query-fuzzer.ts';
import { injections } from './query-generator.ts';
import { foreignPart } from './translated-sql.ts';

let answers: AnswerFuzzer;
let canary: CanaryFuzzer;

beforeAll(async () => {
  answers = await AnswerFuzzer.open();
  canary = await CanaryFuzzer.open();
});
afterAll(() => {
  answers.close();
  canary.close();
});

test('20,000 random texts are accepted as one SELECT or refused with their place, and a part is asked', async () => {
  let accepted = 0;
  for (const text of fuzzTexts('suite', 20_000)) {
    if (!inspect(text)) continue;
    accepted += 1;
    if (accepted % 50 !== 0) continue;
    await answers.ask(text);
    await canary.run(text);
  }
  expect(accepted).toBeGreaterThan(5000);
});

test('the largest, widest and deepest texts are answered in little memory, or refused', async () => {
  const random = new SeededRandom('bombs');
  let accepted = 0;
  for (const bomb of bombs) {
    const text = bomb(random);
    if (!inspect(text)) continue;
    accepted += 1;
    await answers.ask(text);
  }
  expect(accepted).toBeGreaterThan(10);
});

const places: readonly ((piece: string) => string)[] = [
  (piece) => `filter @message = ${quoted(piece)}`,
  (piece) => `filter @message in [${quoted(piece)}, 1] and level not in [${quoted(piece)}]`,
  (piece) => `filter @message like ${quoted(piece)}`,
  (piece) => `filter @message like /${piece.replaceAll(/[\\/()[\]{}*+?|$^]/g, '\\$&')}/`,
  (piece) => `parse @message ${quoted(`*${piece}*`)} as a, b`,
  (piece) =>
    `fields @message as \`${piece.replaceAll('`', '')}\` | sort \`${piece.replaceAll('`', '')}\``,
  (piece) => `fields \`${piece.replaceAll('`', '')}\`.x as y, z.\`${piece.replaceAll('`', '')}\``,
  (piece) =>
    `stats count() as \`${piece.replaceAll('`', '')}\` by \`${piece.replaceAll('`', '')}x\` as y`,
  (piece) =>
    `fields replace(@message, ${quoted(piece)}, ${quoted(piece)}), concat(${quoted(piece)})`,
  (piece) =>
    `fields formatDate(@timestamp, ${quoted(piece)}), parseDate(@message, ${quoted(piece)})`,
  (piece) =>
    `fields regexReplace(@message, "a", ${quoted(piece)}), isIpInSubnet(@message, ${quoted(piece)})`,
  (piece) => `limit 1 # ${piece}`,
  (piece) => `${piece} | limit 1`,
  (piece) => `SOURCE ${quoted(piece)} | limit 1`,
];

function quoted(piece: string): string {
  return `"${piece.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

test('nothing that a query quotes, names or comments becomes SQL', async () => {
  let ran = 0;
  for (const piece of injections) {
    for (const place of places) {
      const text = place(piece);
      if (!inspect(text)) continue;
      await canary.run(text);
      ran += 1;
    }
  }
  expect(ran).toBeGreaterThan(200);
});

test.each([
  ["WITH s0 AS NOT MATERIALIZED (SELECT rid FROM canary) SELECT 'x'", 'canary'],
  ['WITH s0 AS NOT MATERIALIZED (SELECT rid FROM events) SELECT 1; DROP TABLE events', ';'],
  ["WITH s0 AS NOT MATERIALIZED (SELECT rid FROM events) SELECT '' 'a''", 'does not end'],
  ['WITH s0 AS NOT MATERIALIZED (SELECT rid FROM events) SELECT 1 -- note', '--'],
  ['DROP TABLE events', 'another statement'],
])('the check of SQL notices %s', (sql, why) => {
  expect(foreignPart(sql)).toContain(why);
});

test('queries that people write are accepted', () => {
  expect(queryTexts.filter((text) => !inspect(text))).toEqual([]);
});
