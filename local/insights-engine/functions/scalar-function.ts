import type { Value } from '../values.ts';
import type { CallArguments } from './call-arguments.ts';

/** A function of one event: how it is written, how many arguments it takes, and its SQL. */
export interface ScalarFunction {
  /** As AWS documents it; a query may write it in any case. */
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly build: (args: CallArguments) => Value;
}

export function scalar(
  name: string,
  [minArguments, maxArguments]: readonly [number, number],
  build: (args: CallArguments) => Value,
): ScalarFunction {
  return { name, minArguments, maxArguments, build };
}
