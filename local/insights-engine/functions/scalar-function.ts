import type { Value } from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';

/** A function of one event: its name, its number of arguments and its SQL. */
export interface ScalarFunction {
  /** As AWS documents it; case-insensitive in queries. */
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
