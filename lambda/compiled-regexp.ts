import { LinearRegexp } from './linear-regexp.ts';

/** By its source, each regexp of the plan, so that a container compiles it once. */
const known = new Map<string, LinearRegexp>();

/**
 * @param source in RE2's syntax, of the scan plan: there are so many and no more
 * @throws an error of re2js that names what is wrong in the source
 */
export function compiledRegexp(source: string): LinearRegexp {
  const regexp = known.get(source) ?? new LinearRegexp(source);
  known.set(source, regexp);
  return regexp;
}
