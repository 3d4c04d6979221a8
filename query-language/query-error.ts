import type { Span } from './ast.ts';

/**
 * A query that Logs Insights refuses, or that uses what is not supported here.
 *
 * `message` names what was found, and where as `line L and position P`, both counted from 1; `span` is
 * the same place as offsets.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly span: Span;

  constructor(message: string, span: Span, options?: ErrorOptions) {
    super(message, options);
    this.span = span;
  }
}
