import type { Query, Span } from './ast.ts';

/**
 * A query that Logs Insights refuses, or that uses an unsupported feature.
 *
 * `message` names the problem and its place as `line L and position P`, both from 1; `span` is the
 * same place as offsets.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly span: Span;

  constructor(message: string, span: Span, options?: ErrorOptions) {
    super(message, options);
    this.span = span;
  }
}

/**
 * The position of an offset, in the words of Logs Insights: `line 1 and position 5`. Lines end with
 * a line feed; lines and positions count from 1, in UTF-16 units.
 */
export function describePosition(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line += 1;
  return `line ${line} and position ${offset - lineStart + 1}`;
}

/** A QueryError whose message ends with the place: `<problem> at line 1 and position 5[: hint]`. */
export function errorAt(text: string, span: Span, problem: string, hint?: string): QueryError {
  const place = describePosition(text, span.start);
  return new QueryError(`${problem} at ${place}${hint === undefined ? '' : `: ${hint}`}`, span);
}

/** A piece of the query for a message: on one line, cut if it is long. */
export function quoteBriefly(piece: string): string {
  const line = piece.replaceAll(/\s+/g, ' ');
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`;
}

/**
 * The source of a node, verbatim, including comments and blanks inside it and parentheses around
 * it.
 */
export function sourceText(query: Query, node: { readonly span: Span }): string {
  return query.text.slice(node.span.start, node.span.end);
}
