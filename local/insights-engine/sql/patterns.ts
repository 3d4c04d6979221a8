import { requiredStrings } from '../../../query-language/pack/required-strings.ts';
import { readRegexp } from '../../../query-language/regexp/parse-regexp.ts';
import type { RegexpNode } from '../../../query-language/regexp/regexp-tree.ts';
import { toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import type { MatchExpression, RegexLiteral } from '../../../query-language/syntax/ast.ts';
import type { QueryContext } from './pipeline.ts';
import { sqlString } from './values.ts';

/** SQL for `subject like pattern`: a string must be contained, a regexp must match. */
export function matchSql(
  subject: string,
  { pattern }: Pick<MatchExpression, 'pattern'>,
  context: QueryContext,
): string {
  if (pattern.kind === 'string') return `contains(${subject}, ${sqlString(pattern.value)})`;
  const named = context.pipeline.name(subject);
  const { root, groups } = readRegexp(pattern, context.text);
  const matches = `regexp_matches(${named}, ${sqlString(toRe2({ root, groups }))})`;
  return guarded(named, root, matches, `CASE WHEN ${named} IS NOT NULL THEN false END`);
}

/**
 * Guards a regexp by the substrings that it needs: RE2 is many times slower than a substring
 * search, and only CASE prevents it from running on every message.
 */
export function guarded(subject: string, root: RegexpNode, sql: string, otherwise: string): string {
  const required = requiredStrings(root);
  if (required === undefined) return sql;
  return `CASE WHEN ${containsAny(subject, required)} THEN ${sql} ELSE ${otherwise} END`;
}

/** Up to about ten substring searches are faster than one regexp of alternatives. */
const maxSearches = 10;

export function containsAny(subject: string, strings: readonly string[]): string {
  if (strings.length <= maxSearches) {
    return `(${strings.map((one) => `contains(${subject}, ${sqlString(one)})`).join(' OR ')})`;
  }
  const literal = (value: string): RegexpNode => ({
    kind: 'sequence',
    items: [...value].map((character) => ({
      kind: 'literal',
      codePoint: character.codePointAt(0) ?? 0,
    })),
  });
  const root: RegexpNode = { kind: 'alternation', options: strings.map(literal) };
  return `regexp_matches(${subject}, ${sqlString(toRe2({ root, groups: [] }))})`;
}

/** A query's regexp in RE2's syntax, to find out whether RE2 refuses it. */
export function re2Of(pattern: RegexLiteral, text: string): string {
  return toRe2(readRegexp(pattern, text));
}
