import { parseRegexp } from '../regexp/parse-regexp.ts';
import type { RegexpNode } from '../regexp/regexp-tree.ts';
import type { Query, RegexLiteral, Span } from '../syntax/ast.ts';
import { errorAt, quoteBriefly } from '../syntax/position.ts';
import { overlapUnderRepeat } from './overlapping-alternatives.ts';

/**
 * Refuses a regexp with overlapping alternatives. None of our engines backtracks, but people paste
 * these regexps into tools that do, and authors rarely intend such alternatives.
 *
 * @throws QueryError with the position of alternatives under a repeat that overlap
 */
export function refuseOverlap({ text }: Query, { span }: RegexLiteral): void {
  const spans = new Map<RegexpNode, Span>();
  const { root } = parseRegexp(text, { start: span.start + 1, end: span.end - 1 }, spans);
  const overlap = overlapUnderRepeat(root);
  if (overlap === undefined) return;
  const [one, other] = [overlap.one, overlap.other].map((node) => spans.get(node) ?? span);
  const written = (part = span) => quoteBriefly(text.slice(part.start, part.end));
  throw errorAt(
    text,
    one ?? span,
    `overlapping alternatives under a repeat, ${written(one)} and ${written(other)},`,
    'write them so that each text can match them in only one way',
  );
}
