import { datetimeFunctions } from './datetime-functions.ts';
import { generalFunctions, numericFunctions } from './general-functions.ts';
import type { ScalarFunction } from './scalar-function.ts';
import { ipFunctions, textFunctions } from './text-functions.ts';

/** Every function of one event, by its name in lower case. */
export const scalarFunctions: ReadonlyMap<string, ScalarFunction> = new Map(
  [
    ...numericFunctions,
    ...datetimeFunctions,
    ...generalFunctions,
    ...ipFunctions,
    ...textFunctions,
  ].map((one) => [one.name.toLowerCase(), one]),
);
