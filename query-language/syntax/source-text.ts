import type { Query, Span } from './ast.ts';

/**
 * The source of a node, verbatim, including comments and blanks inside it and parentheses around
 * it.
 */
export function sourceText(query: Query, node: { readonly span: Span }): string {
  return query.text.slice(node.span.start, node.span.end);
}
