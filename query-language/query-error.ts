import type { Span } from './ast.ts';

/**
 * A query that Logs Insights refuses, or that uses what is not supported here.
 *
 * `message` is one sentence that names what was found, and where as `line L, column C`.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly span: Span;

  constructor(message: string, span: Span, options?: ErrorOptions) {
    super(message, options);
    this.span = span;
  }
}
