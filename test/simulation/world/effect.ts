import type { ServiceName } from '../faults/fault-kinds.ts';
import type { Step } from '../faults/steps.ts';
import type { Write } from '../services/dynamo.ts';
import type { Invocation } from './invocation.ts';

/** One call that took place. It may have been refused, and its answer may have been lost. */
export interface Effect {
  readonly epochMs: number;
  readonly invocation: Invocation;
  readonly service: ServiceName;
  /** As the SDK names it: `PutItem`. */
  readonly operation: string;
  readonly step: Step;
  readonly input: object;
  /** Absent when it was refused. */
  readonly output?: object;
  readonly error?: Error;
  /** What it wrote to the ledger. */
  readonly writes: readonly Write[];
}
