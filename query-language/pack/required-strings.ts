import { dotlessI } from '../regexp/code-point-ranges.ts';
import { readRegexp } from '../regexp/parse-regexp.ts';
import type { CodePointRange, RegexpNode } from '../regexp/regexp-tree.ts';
import type {
  BinaryExpression,
  CallExpression,
  Expression,
  MatchExpression,
} from '../syntax/ast.ts';

/** How strings are searched in a text: as written, or case-insensitively. */
export type Casing = 'as-written' | 'folded';

/**
 * Strings of which every text that the regexp matches contains at least one; undefined if the
 * regexp requires no particular string (`\d+`), or too many different ones.
 *
 * @param casing `folded` for a case-insensitive search: the strings are then {@link folded} and
 *   include words that the regexp matches case-insensitively
 */
export function requiredStrings(
  node: RegexpNode,
  casing: Casing = 'as-written',
): readonly string[] | undefined {
  const known = derived[casing];
  const strings = known.get(node) ?? { required: choose(analyse(node, casing).required) };
  known.set(node, strings);
  return strings.required;
}

type Derived = WeakMap<RegexpNode, { readonly required: readonly string[] | undefined }>;

const derived: Readonly<Record<Casing, Derived>> = {
  'as-written': new WeakMap(),
  folded: new WeakMap(),
};

/** One spelling for all cases of each letter, as foldCase has them: the long s is an s. */
export function folded(text: string): string {
  return [...text].map(foldedCharacter).join('');
}

function foldedCharacter(character: string): string {
  if (character.codePointAt(0) === dotlessI) return character;
  // Character by character: ß has two capitals, and an accent can change the character before it.
  const capital = character.toUpperCase();
  const small = ([...capital].length === 1 ? capital : character).toLowerCase();
  return [...small].length === 1 ? small : character;
}

/** Limit for the product of alternatives, which could grow without bound. */
const maxAlternatives = 16;

/** More alternatives than this are useless as a prefilter. */
const maxUnited = 32;

/** A class of more characters, such as `[A-Za-z]`, is not expanded. */
const maxClassSize = 3;

interface Analysis {
  /** All strings that the node can match, if they are few. */
  readonly exact: readonly string[] | undefined;
  /** Sets of alternatives, each of them required. */
  readonly required: readonly (readonly string[])[];
}

const nothing: Analysis = { exact: undefined, required: [] };

function analyse(node: RegexpNode, casing: Casing): Analysis {
  switch (node.kind) {
    case 'literal': {
      const character = String.fromCodePoint(node.codePoint);
      return exactly([casing === 'folded' ? foldedCharacter(character) : character]);
    }
    case 'class':
      return node.negated || node.properties.length > 0
        ? nothing
        : analyseRanges(node.ranges, casing);
    case 'assertion':
      // `$` may consume a line feed, but does not require it.
      return exactly(['']);
    case 'sequence':
      return analyseSequence(node.items, casing);
    case 'alternation':
      return analyseAlternation(node.options, casing);
    case 'group':
      return analyse(node.body, casing);
    case 'repeat':
      return analyseRepeat(node, casing);
  }
}

function exactly(exact: readonly string[]): Analysis {
  return { exact, required: exact.includes('') ? [] : [exact] };
}

function analyseRanges(ranges: readonly CodePointRange[], casing: Casing): Analysis {
  const size = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  // Case-insensitively, a letter has up to four characters.
  if (size === 0 || size > (casing === 'folded' ? 4 : 1) * maxClassSize) return nothing;
  const characters = ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)),
  );
  const letters = [...new Set(characters.map(foldedCharacter))];
  if (casing === 'folded') return letters.length > maxClassSize ? nothing : exactly(letters);
  // `[aA]`: expanding it would cut a case-insensitive word into short pieces that many lines
  // contain.
  if (characters.length > 1 && letters.length === 1) return nothing;
  return size > maxClassSize ? nothing : exactly(characters);
}

/** Joins adjacent exact items into runs; each run is required. */
function analyseSequence(items: readonly RegexpNode[], casing: Casing): Analysis {
  const required: (readonly string[])[] = [];
  let run: readonly string[] = [''];
  let isExact = true;
  const endRun = () => {
    if (!run.includes('')) required.push(run);
    run = [''];
  };
  for (const item of items) {
    const { exact, required: inner } = analyse(item, casing);
    if (exact !== undefined && run.length * exact.length <= maxAlternatives) {
      run = run.flatMap((head) => exact.map((tail) => head + tail));
      continue;
    }
    isExact = false;
    endRun();
    if (exact === undefined) required.push(...inner);
    else run = exact;
  }
  if (isExact) return exactly(run);
  endRun();
  return { exact: undefined, required };
}

function analyseAlternation(options: readonly RegexpNode[], casing: Casing): Analysis {
  const analyses = options.map((option) => analyse(option, casing));
  const exact = analyses.flatMap((analysis) => analysis.exact ?? []);
  const allExact = analyses.every((analysis) => analysis.exact !== undefined);
  if (allExact && exact.length <= maxAlternatives) return exactly([...new Set(exact)]);
  const united = unite(analyses.map((analysis) => choose(analysis.required)));
  return { exact: undefined, required: united === undefined ? [] : [united] };
}

function analyseRepeat(
  { body, min, max }: RegexpNode & { kind: 'repeat' },
  casing: Casing,
): Analysis {
  const { exact, required } = analyse(body, casing);
  if (max === 1 && exact !== undefined) {
    return min === 1 ? exactly(exact) : exactly([...new Set([...exact, ''])]);
  }
  if (min === 0) return max === 0 ? exactly(['']) : nothing;
  const [only] = exact ?? [];
  if (exact?.length === 1 && only !== undefined && min * only.length <= maxRepeatedLength) {
    const once = only.repeat(min);
    if (min === max) return exactly([once]);
    return { exact: undefined, required: once === '' ? [] : [[once]] };
  }
  return { exact: undefined, required };
}

/** `-{80}` is expanded; `x{1000}` is not worth it. */
const maxRepeatedLength = 100;

/**
 * The alternatives of a disjunction, from what its parts require; undefined if a part requires
 * nothing, since it can then match any text, or if there are more than `limit`.
 */
export function unite(
  parts: readonly (readonly string[] | undefined)[],
  limit: number = maxUnited,
): readonly string[] | undefined {
  const all = new Set<string>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    for (const one of part) all.add(one);
  }
  const kept: string[] = [];
  for (const one of [...all].toSorted((a, b) => a.length - b.length)) {
    // A search for "add" also finds "add-role".
    if (kept.some((other) => one.includes(other))) continue;
    kept.push(one);
    if (kept.length > limit) return undefined;
  }
  return kept;
}

/** The best of several required sets: long strings, and few of them. */
function choose(
  candidates: readonly (readonly string[])[],
  limit: number = maxUnited,
): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  for (const candidate of candidates) {
    const united = unite([candidate], limit);
    if (united !== undefined && (best === undefined || score(united) > score(best))) best = united;
  }
  return best;
}

function score(alternatives: readonly string[]): number {
  const shortest = Math.min(...alternatives.map((one) => one.length));
  return shortest - Math.log2(alternatives.length);
}

/** Large, because the text of a pack combines the literals of all its detections. */
const maxLiterals = 256;

/**
 * Strings of which every `@message` that satisfies the condition contains at least one, for a cheap
 * substring search before the condition itself; undefined if none can be derived.
 *
 * Derived from `like` and `strcontains` on `@message`, through and, or, not. If there is a choice,
 * the longest string wins; its frequency in the logs is unknown.
 *
 * @param text the query that the condition was read from
 * @param casing see {@link requiredStrings}
 */
export function requiredLiterals(
  condition: Expression,
  text: string,
  casing: Casing = 'as-written',
): readonly string[] | undefined {
  return required(condition, false, { text, casing });
}

type Literals = readonly string[] | undefined;

interface Search {
  readonly text: string;
  readonly casing: Casing;
}

/** @param negated whether the condition must be false */
function required(condition: Expression, negated: boolean, search: Search): Literals {
  switch (condition.kind) {
    case 'unary':
      return condition.operator === 'not'
        ? required(condition.operand, !negated, search)
        : undefined;
    case 'binary':
      return requiredByBoth(condition, negated, search);
    case 'match':
      return condition.negated === negated ? requiredByMatch(condition, search) : undefined;
    case 'call':
      return negated ? undefined : requiredByCall(condition, search);
    default:
      return undefined;
  }
}

function requiredByBoth(
  { operator, left, right }: BinaryExpression,
  negated: boolean,
  search: Search,
): Literals {
  if (operator !== 'and' && operator !== 'or') return undefined;
  const sides = [required(left, negated, search), required(right, negated, search)];
  const needsBoth = (operator === 'and') !== negated;
  if (!needsBoth) return unite(sides, maxLiterals);
  return choose(
    sides.filter((side) => side !== undefined),
    maxLiterals,
  );
}

function requiredByMatch({ subject, pattern }: MatchExpression, search: Search): Literals {
  if (!isMessage(subject)) return undefined;
  if (pattern.kind === 'string') return oneString(pattern.value, search);
  return requiredStrings(readRegexp(pattern, search.text).root, search.casing);
}

function requiredByCall(call: CallExpression, search: Search): Literals {
  const [subject, part] = call.arguments;
  if (call.name !== 'strcontains' || !isMessage(subject)) return undefined;
  return part?.kind === 'string' ? oneString(part.value, search) : undefined;
}

function oneString(text: string, { casing }: Search): Literals {
  if (text === '') return undefined;
  return [casing === 'folded' ? folded(text) : text];
}

function isMessage(expression: Expression | undefined): boolean {
  return expression?.kind === 'field' && expression.name === '@message';
}
