import type { Span } from './ast.ts';

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
