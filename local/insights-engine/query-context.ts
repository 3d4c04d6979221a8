import type { CallExpression } from '../../query-language/ast.ts';
import type { Pipeline } from './pipeline.ts';
import type { Scope } from './scope.ts';
import type { Value } from './values.ts';

/** What the translation of every part of one query shares. */
export interface QueryContext {
  /** The query, for the positions in errors. */
  readonly text: string;
  readonly pipeline: Pipeline;
  readonly scope: Scope;
  readonly nowEpochMs: number;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Sentences for a person. */
  readonly warnings: string[];
  /** In what is computed from them: the aggregates of a stats command, by their calls. */
  readonly aggregates?: ReadonlyMap<CallExpression, Value>;
}
