import type { RegexLiteral } from '../syntax/ast.ts';
import { parseRegexp } from './parse-regexp.ts';
import type { Regexp } from './regexp-tree.ts';

/**
 * Reads a regexp of a query in the syntax that Hyperscan (filter), RE2 (DuckDB) and JavaScript
 * share. `\d`, `\w`, `\s` and `\b` are ASCII, except two letters of `(?i)\w`; `.` matches anything
 * but a line feed; `$` matches at the end or before a final line feed; `(?i)`, `(?m)`, `(?s)` and
 * `(?i:…)` are supported.
 *
 * @param literal a regexp of the query's tree.
 * @param text the query that contains it, for the positions of errors.
 * @throws QueryError for constructs that the engines do not share: look-around, atomic groups,
 *   possessive quantifiers, back-references, `(?x)`, `\K`, `\X`, `\cA`, repeats over 1000.
 */
export function readRegexp(literal: RegexLiteral, text: string): Regexp {
  const start = literal.span.start + 1;
  const end = literal.span.end - 1;
  const source = text.slice(start, end);
  const known = readBefore.get(source) ?? parseRegexp(text, { start, end });
  if (!readBefore.has(source)) {
    if (readBefore.size >= maxReadBefore) readBefore.clear();
    readBefore.set(source, moved(known, -start));
    return known;
  }
  return moved(known, start);
}

/**
 * A cache of regexps by source, with spans relative to it: one query is parsed several times before
 * it is answered, and a monitor runs the same one every tick.
 */
const readBefore = new Map<string, Regexp>();
const maxReadBefore = 1_000;

function moved({ root, groups }: Regexp, by: number): Regexp {
  return {
    root,
    groups: groups.map((group) => ({
      ...group,
      span: { start: group.span.start + by, end: group.span.end + by },
    })),
  };
}

/** {@link readRegexp} for a pattern without slashes. */
export function readRegexpSource(source: string): Regexp {
  return parseRegexp(source, { start: 0, end: source.length });
}
