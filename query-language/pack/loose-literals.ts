import { foldCase } from '../regexp/code-point-ranges.ts';
import type { Expression, Query } from '../syntax/ast.ts';
import { sourceText } from '../syntax/query-error.ts';
import type { FusibleQuery } from './fusible-query.ts';
import { type Casing, requiredLiterals, unite } from './required-strings.ts';

/** A substitute for a detection's own filter when not all filters fit into one query. */
interface LooseLiterals {
  /**
   * As regexps: each message that the detection finds matches one of them; other messages may
   * match, too.
   */
  readonly regexps: readonly string[];
  /**
   * An estimate of how many other messages match, from the characters alone; only useful for
   * comparison.
   */
  readonly cost: number;
}

/**
 * Strings of which each event of a detection contains one, cut to their rarest part: a part of a
 * required string is required, too. Log types and negated conditions are left out, so that they
 * match more.
 *
 * @param maxCharacters maximum length of a string
 * @returns undefined for a detection that requires no particular string, or only strings that
 *   most messages contain
 */
export function looseLiterals(
  { query, conditions }: Pick<FusibleQuery, 'query' | 'conditions'>,
  maxCharacters: number,
): LooseLiterals | undefined {
  const casings: readonly Casing[] = ['as-written', 'folded'];
  // `(?i)add role` requires a space as written, and much more case-insensitively. Of conditions
  // joined by `and`, any one is sufficient; the length of its strings does not show which is the
  // rarest.
  const [cheapest] = conditions
    .flatMap(conjunctsOf)
    .flatMap((one) =>
      casings.flatMap((casing) => literalsIn(one, query.text, casing, maxCharacters) ?? []),
    )
    .toSorted((a, b) => a.cost - b.cost);
  return cheapest;
}

function conjunctsOf(condition: Expression): readonly Expression[] {
  if (condition.kind !== 'binary' || condition.operator !== 'and') return [condition];
  return [condition.left, condition.right].flatMap(conjunctsOf);
}

function literalsIn(
  condition: Expression,
  text: string,
  casing: Casing,
  maxCharacters: number,
): LooseLiterals | undefined {
  const required = requiredLiterals(condition, text, casing);
  const cut = unite([required?.map((one) => rarestPart(one, maxCharacters))], maxLiterals);
  if (cut === undefined || cut.length === 0) return undefined;
  const cost = cut.reduce((sum, one) => sum + 2 ** -rarity(one), 0);
  return cost > maxCost ? undefined : { regexps: cut.map((one) => regexpOf(one, casing)), cost };
}

/** The maximum that a condition can require. */
const maxLiterals = 256;

/** About the cost of two rare characters: nearly all messages contain strings like a blank. */
const maxCost = 2 ** -10;

/**
 * Letter frequencies in English text, per hundred thousand, as in
 * https://en.wikipedia.org/wiki/Letter_frequency.
 */
const letterFrequency: Readonly<Record<string, number>> = {
  ...{ a: 8167, b: 1492, c: 2782, d: 4253, e: 12702, f: 2228, g: 2015, h: 6094, i: 6966 },
  ...{ j: 153, k: 772, l: 4025, m: 2406, n: 6749, o: 7507, p: 1929, q: 95, r: 5987, s: 6327 },
  ...{ t: 9056, u: 2758, v: 978, w: 2360, x: 150, y: 1974, z: 74 },
};

/** The information of a character in bits: a rough estimate that only affects the cost. */
function characterBits(character: string): number {
  if (character === ' ') return 2.5;
  if (/^[0-9]$/.test(character)) return 4;
  const lower = letterFrequency[character];
  if (lower !== undefined) return -Math.log2(lower / 100_000);
  const upper = letterFrequency[character.toLowerCase()];
  // About one letter in sixteen is a capital.
  if (upper !== undefined) return 4 - Math.log2(upper / 100_000);
  // Punctuation is frequent in logs, other characters are not.
  return /^[!-~]$/.test(character) ? 6 : 12;
}

/**
 * Texts that Airflow writes hundreds of times at each start (its security manager) and with each
 * task of the most common operators: their parts are unspecific, however rare their characters are.
 */
const ordinary = [
  ...['Added Permission ', 'Created Permission View', 'Inserted Role', ' to role ', ' role(s)'],
  ...['override.py', 'manager.py', 'Running command', 'Running statement', ' successfully'],
].map((phrase) => phrase.toLowerCase());
const ordinaryBits = 14;

function rarity(text: string): number {
  const bits = [...text].reduce((sum, character) => sum + characterBits(character), 0);
  const isOrdinary = ordinary.some((phrase) => phrase.includes(text.toLowerCase()));
  return isOrdinary ? Math.min(bits, ordinaryBits) : bits;
}

/** The rarest part of the given length; the first one among equals. */
function rarestPart(text: string, maxCharacters: number): string {
  const characters = [...text];
  let best = characters.slice(0, maxCharacters).join('');
  for (let at = 1; at + maxCharacters <= characters.length; at += 1) {
    const part = characters.slice(at, at + maxCharacters).join('');
    if (rarity(part) > rarity(best)) best = part;
  }
  return best;
}

/**
 * Writes a case-insensitive letter as a class of its cases: a flag would also apply to the other
 * strings.
 */
function regexpOf(text: string, casing: Casing): string {
  return [...text]
    .map((character) => {
      const codePoint = character.codePointAt(0) ?? 0;
      const cases = casing === 'folded' ? foldCase([[codePoint, codePoint]]) : [];
      const characters = cases.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)),
      );
      return characters.length > 1 ? `[${characters.join('')}]` : escaped(character);
    })
    .join('');
}

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Characters that could start or end another token: quotes of names, comments, and a backslash
 * before the closing slash, which could be read as an escaped slash.
 */
const avoided = ['`', '#', '\\'];

function escaped(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x20 || codePoint === 0x7f || avoided.includes(character)) {
    return names[character] ?? `\\x${codePoint.toString(16).padStart(2, '0')}`;
  }
  return /^[\\^$.*+?()[\]{}|/]$/.test(character) ? `\\${character}` : character;
}

/**
 * Writes an expression of a query as an independent text with the same meaning: strings, regexps,
 * numbers, fields and calls verbatim, without comments and unneeded parentheses.
 */
export function writeExpression(query: Query, expression: Expression): string {
  const write = (part: Expression) => writeExpression(query, part);
  switch (expression.kind) {
    case 'unary':
      return expression.operator === 'not'
        ? `not ${operand(query, expression.operand, true)}`
        : `-${operand(query, expression.operand, false)}`;
    case 'binary': {
      const { left, operator, right } = expression;
      const isLogic = operator === 'and' || operator === 'or';
      // A chain of one of these is left-associative, as parsed; everything else gets parentheses.
      const chained = isLogic && left.kind === 'binary' && left.operator === operator;
      const before = chained ? write(left) : operand(query, left, isLogic);
      return `${before} ${operator} ${operand(query, right, isLogic)}`;
    }
    case 'match': {
      const { subject, negated, pattern } = expression;
      return `${operand(query, subject, false)}${negated ? ' not' : ''} like ${sourceText(query, pattern)}`;
    }
    case 'in': {
      const { subject, negated, values } = expression;
      return `${operand(query, subject, false)}${negated ? ' not' : ''} in [${values.map(write).join(',')}]`;
    }
    default:
      return sourceText(query, expression);
  }
}

/**
 * An operand, in parentheses if it needs them.
 *
 * @param inLogic whether it is an operand of and, or, not, which bind looser than like and in
 */
function operand(query: Query, expression: Expression, inLogic: boolean): string {
  const text = writeExpression(query, expression);
  switch (expression.kind) {
    case 'binary':
    case 'unary':
      return `(${text})`;
    case 'match':
    case 'in':
      return inLogic ? text : `(${text})`;
    default:
      return text;
  }
}

/**
 * A detection's filter as one expression that can be an operand of `or`.
 *
 * @param logTypes suffixes of the log groups that it reads; undefined for all groups
 */
export function candidateFilter(
  { query, conditions }: FusibleQuery,
  logTypes: readonly string[] | undefined,
): string {
  const parts = conditions.map((condition) => ({
    text: writeExpression(query, condition),
    standsAlone: condition.kind === 'match' || condition.kind === 'in',
  }));
  if (logTypes !== undefined) {
    parts.push({ text: `@log like /-(${logTypes.join('|')})$/`, standsAlone: true });
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return only.standsAlone ? only.text : `(${only.text})`;
  }
  const joined = parts.map(({ text, standsAlone }) => (standsAlone ? text : `(${text})`));
  return `(${joined.join(' and ')})`;
}
