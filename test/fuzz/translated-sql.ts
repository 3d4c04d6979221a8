import { aggregateFunctions } from '../../local/insights-engine/functions/aggregate-functions.ts';
import { scalarFunctions } from '../../local/insights-engine/functions/functions-by-name.ts';
import { translate } from '../../local/insights-engine/translate.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { queryTexts } from '../local/insights-engine/query-texts.ts';

const startEpochMs = 1_767_225_600_000;
export const range = {
  startEpochMs,
  endEpochMs: startEpochMs + 86_400_000,
  nowEpochMs: startEpochMs + 86_400_000,
};

export function sqlOf(text: string, condition = 'true') {
  return translate(parseQuery(text), { ...range, condition, limit: 10_000 });
}

/** Literals of SQL, whose only escape is a doubled quote. */
const literal = /'(?:[^']|'')*'/g;
const word = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/g;
/** Names that the translation makes: columns, stages, groups of a regexp. */
const madeName = /^(?:[csg]\d+|e\d+)$/;

/**
 * Every word that the translation itself writes outside of literals, from queries without anything of a user
 * in them.
 */
function ownWords(): ReadonlySet<string> {
  const calls = [...scalarFunctions.values()].flatMap(({ name, minArguments, maxArguments }) =>
    [minArguments, Math.min(maxArguments, minArguments + 1), Math.min(maxArguments, 21)].flatMap(
      (count) =>
        [
          ['"1"'],
          ['@timestamp', '5m'],
          ['@message', '"UTC"', '"UTC"'],
          ['1', '2'],
          ['level', '"%Y"'],
        ].map(
          (args) =>
            `${name}(${Array.from({ length: count }, (_, at) => args[at % args.length]).join(', ')})`,
        ),
    ),
  );
  const aggregates = [...aggregateFunctions.values()].flatMap(({ name }) =>
    [
      '',
      '@message',
      '@message, 90',
      '3, @message',
      '@timestamp',
      'level',
      'jsonParse(@message)',
    ].map((args) => `${name}(${args})`),
  );
  const words = new Set<string>();
  const texts = [
    ...queryTexts,
    ...calls.map((call) => `fields ${call} as x | sort x | filter x | fields x = 1, x + 1`),
    ...calls.map(
      (call) =>
        `fields jsonParse(${call}) as x | unnest x into y | stats count() by x, y | dedup x`,
    ),
    ...aggregates.map(
      (call) => `stats ${call} as x by bin(1mo) | sort x | fields x, -x, x like "a", x in [1]`,
    ),
    'stats topk(3, @message) as x',
    'filter @message like "a\0b"',
    'filter not (level = 1 and level < "b" or level ^ 2 % 3 * 4 / 5 - 6 in ["a", 2])',
    'fields dateceil(@timestamp, 1mo offset 1h) as x, datefloor(@timestamp, 1q) as y, 1e30 as z',
    `filter ${Array.from({ length: 12 }, (_, at) => `@message like "word${at}"`).join(' or ')}`,
  ];
  for (const text of texts) {
    try {
      for (const one of outsideLiterals(sqlOf(text).sql).match(word) ?? []) words.add(one);
    } catch (error) {
      // A function that does not take these arguments.
      if ((error as Error).name !== 'QueryError') throw error;
    }
  }
  return words;
}

const own = ownWords();

function outsideLiterals(sql: string): string {
  return sql.replaceAll(literal, "''");
}

/** Why SQL is not one SELECT in which everything of a user is inside of literals; undefined if it is. */
export function foreignPart(sql: string): string | undefined {
  const outside = outsideLiterals(sql);
  if (!/^WITH s0 AS NOT MATERIALIZED \(SELECT /.test(outside)) return 'another statement';
  const forbidden = /[;"$`?\\\0#]|--|\/\*/.exec(outside);
  if (forbidden !== null) return `${JSON.stringify(forbidden[0])} outside of literals`;
  if (outside.replaceAll("''", '').includes("'")) return 'a literal that does not end';
  const foreign = (outside.match(word) ?? []).find((one) => !own.has(one) && !madeName.test(one));
  return foreign === undefined ? undefined : `the word ${foreign} outside of literals`;
}
