import type { CallExpression } from '../../../query-language/syntax/ast.ts';
import type { Pipeline } from './pipeline.ts';
import type { Scope } from './scope.ts';
import type { Value } from './values.ts';

/** State shared by the translation of all parts of one query. */
export interface QueryContext {
  /** The query, for the positions in errors. */
  readonly text: string;
  readonly pipeline: Pipeline;
  readonly scope: Scope;
  readonly nowEpochMs: number;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Sentences for people. */
  readonly warnings: string[];
  /** In expressions over aggregates: the aggregates of a stats command, by their calls. */
  readonly aggregates?: ReadonlyMap<CallExpression, Value>;
}
