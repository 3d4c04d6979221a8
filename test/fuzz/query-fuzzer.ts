import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import { queryTexts } from '../local/insights-engine/query-texts.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { injections, QueryGenerator } from './query-generator.ts';
import { mutated } from './text-mutator.ts';
import { foreignPart, sqlOf } from './translated-sql.ts';

/** A text that broke a rule, and which. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';
  readonly text: string;

  constructor(rule: string, text: string, cause?: unknown) {
    super(`${rule}: ${JSON.stringify(text.slice(0, 2000))}`, { cause });
    this.text = text;
  }
}

/** The texts of a seed: from the grammar, from mutations of real queries, of hostile pieces and large. */
export function* fuzzTexts(seed: number | string, count: number): Generator<string> {
  const random = new SeededRandom(seed, 'queries');
  const generator = new QueryGenerator(random);
  for (let at = 0; at < count; at += 1) {
    const kind = random.next();
    if (kind < 0.5) yield generator.query();
    else if (kind < 0.75) yield mutated(generator.query(), random.pick(queryTexts), random);
    else if (kind < 0.95) yield mutated(random.pick(queryTexts), generator.query(), random);
    else if (kind < 0.995) yield soup(random);
    else yield random.pick(bombs)(random);
  }
}

function soup(random: SeededRandom): string {
  const pieces = [...injections, ...queryTexts.join(' ').split(/\b/)];
  return Array.from({ length: random.int(1, 25) }, () => random.pick(pieces)).join('');
}

/** StartQuery's limit. */
const charactersMax = 10_000;
const filled = (piece: string, end = '') => {
  return piece.repeat(Math.floor((charactersMax - end.length - 30) / piece.length)) + end;
};

/** Texts as large, as wide and as deep as a query can be. */
export const bombs: readonly ((random: SeededRandom) => string)[] = [
  (random) => `filter ${'('.repeat(random.int(50, 9000))}1`,
  (random) => {
    const depth = random.int(20, 200);
    return `filter ${'('.repeat(depth)}@message like "a"${')'.repeat(depth)}`;
  },
  (random) =>
    `filter ${random.pick(['not ', '!', '-', 'not not '])}`.padEnd(random.int(50, 9000), '- '),
  (random) => `filter ${'not '.repeat(random.int(20, 2400))}@message`,
  (random) => `fields ${'-'.repeat(random.int(20, 9000))}1`,
  () => `filter @message in [${filled('"abcdef",')}"x"]`,
  () => `filter level in [${filled('1,')}1]`,
  (random) =>
    `filter @message like /${filled(random.pick(['(a|b)', '(', 'a?', '[a-z]', '(?i)x|', 'a*']))}/`,
  (random) =>
    `filter @message like /${filled(random.pick(['a{1000}', '(a{30}){30}', '\\pL', 'é', '.*']))}/`,
  (random) => `filter @message like "${filled(random.pick(['a', "'", '\\\\', 'é', '\0', '\\"']))}"`,
  (random) =>
    `fields ${random.pick(['concat', 'toupper', 'abs', 'jsonParse', 'coalesce'])}(`.repeat(
      random.int(10, 800),
    ),
  (random) => {
    const depth = random.int(10, 120);
    const name = random.pick([
      'toupper',
      'abs',
      'coalesce',
      'jsonParse',
      'md5',
      'datefloor',
      'urlencode',
    ]);
    return `fields ${`${name}(`.repeat(depth)}@message${')'.repeat(depth)}`;
  },
  () => filled('limit 5 | ', 'limit 5'),
  () => filled('filter a=1|', 'limit 5'),
  (random) =>
    filled(`fields @message ${random.pick(['+', '=', 'and', '*', 'or', '^'])} 1 | `, 'limit 1'),
  () => `fields ${filled('@message, ', '@log')}`,
  () => `filter ${filled('@message like "ab" or ', '1')}`,
  () => `filter ${filled('@message like /a.b/ and ', '1')}`,
  () => `fields ${filled('1 + ', '1')}`,
  () => `fields ${filled('2 ^ ', '2')}`,
  () => `stats ${filled('count(), ', 'count()')} by @log`,
  () => `stats count() by ${filled('@log, ', '@log')}`,
  () => `fields ${filled('a.', 'b')}`,
  () => `fields ${'`'}${filled('b')}${'`'}`,
  () => `fields a${filled('[1]')}`,
  (random) =>
    chain(random.int(5, 120), (at) => `fields x${at - 1} + x${at - 1} as x${at}`, 'fields 1 as x0'),
  (random) =>
    chain(
      random.int(5, 120),
      (at) => `fields concat(x${at - 1}, x${at - 1}) as x${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(
      random.int(5, 90),
      (at) => `fields replace(x${at - 1}, "a", "aaaaaaaa") as x${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(
      random.int(5, 90),
      (at) => `fields regexReplace(x${at - 1}, "a", "aaaaaaaa") as x${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(random.int(5, 90), (at) => `fields urlencode(x${at - 1}) as x${at}`, 'fields "%" as x0'),
  (random) =>
    chain(
      random.int(5, 90),
      (at) => `fields base64encode(x${at - 1}) as x${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(
      random.int(3, 60),
      (at) => `parse x${at - 1} "*a*" as x${at}, y${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(
      random.int(3, 9),
      (at) => `stats count() as x${at}, max(x${at - 1}) as y${at} by x${at - 1} as z${at}`,
      'fields @message as x0',
    ),
  (random) =>
    chain(random.int(3, 60), (at) => `unnest j.a into y${at}`, 'fields jsonParse(@message) as j'),
  (random) =>
    chain(
      random.int(3, 60),
      (at) =>
        `fields coalesce(x${at - 1}, x${at - 1}, @message) as x${at}, x${at - 1} = x${at} as y${at}`,
      'fields level as x0',
    ),
  (random) =>
    chain(
      random.int(3, 60),
      (at) => `sort x${at - 1}, @message desc | fields x${at - 1} as x${at}`,
      'fields level as x0',
    ),
  (random) => `# ${filled(random.pick(['#', '\n#', ' ', '\n']))}\nlimit 1`,
  () => `${filled('x')}${filled('x')}`,
];

function chain(length: number, step: (at: number) => string, first: string): string {
  return [first, ...Array.from({ length }, (_, at) => step(at + 1))]
    .join(' | ')
    .slice(0, charactersMax);
}

/** The longest time that a parser may take, in milliseconds of one core. */
const parseMsMax = 100;

/**
 * Parses and translates a text.
 *
 * @returns whether it is accepted
 * @throws FuzzFailure for a text that breaks a rule
 */
export function inspect(text: string): boolean {
  checkTime(text);
  let sql: string;
  try {
    const translated = sqlOf(text);
    sql = translated.sql;
    const foreign = foreignPart(sql) ?? foreignPart(translated.countSql);
    if (foreign !== undefined) throw new FuzzFailure(`the SQL contains ${foreign}`, text);
  } catch (error) {
    if (error instanceof FuzzFailure) throw error;
    checkRefusal(error, text);
    return false;
  }
  return true;
}

/** @throws FuzzFailure unless the error is a QueryError with its place */
export function checkRefusal(error: unknown, text: string): void {
  if (!(error instanceof QueryError)) throw new FuzzFailure('not refused but broken', text, error);
  const { start, end } = error.span;
  const isInText = 0 <= start && start <= end && end <= text.length;
  if (!isInText)
    throw new FuzzFailure(`the place ${start} to ${end} is not in the text`, text, error);
  if (!/ at line \d+ and position \d+/.test(error.message)) {
    throw new FuzzFailure(`the refusal has no place (${error.message})`, text, error);
  }
  // It can list the functions.
  if (error.message.length > 3000) throw new FuzzFailure('the refusal is long', text, error);
}

/** A busy machine or a collection of garbage can delay one parse, but not three. */
function checkTime(text: string): void {
  for (let attempt = 1; ; attempt += 1) {
    const startedMs = performance.now();
    try {
      parseQuery(text);
    } catch {
      // The translation meets it again.
    }
    const tookMs = performance.now() - startedMs;
    if (tookMs <= parseMsMax) return;
    if (attempt === 3) throw new FuzzFailure(`the parser took ${Math.round(tookMs)} ms`, text);
  }
}
