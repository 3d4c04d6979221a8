import type { Query, Span } from './ast.ts';

/**
 * The part of a query that a node was read from, word for word: comments and blanks inside it, and
 * parentheses around an expression, included.
 */
export function sourceText(query: Query, node: { readonly span: Span }): string {
  return query.text.slice(node.span.start, node.span.end);
}
