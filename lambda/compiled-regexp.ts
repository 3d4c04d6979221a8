import { LinearRegexp } from './linear-regexp.ts';
import { readProgram } from './read-program.ts';

/** By its program, each regexp of the plan, so that what it learns of texts outlives a tick. */
const known = new Map<string, LinearRegexp>();

/**
 * @param program of the scan plan: there are so many and no more
 * @throws ProgramError for a text that is no program
 */
export function compiledRegexp(program: string): LinearRegexp {
  const regexp = known.get(program) ?? new LinearRegexp(readProgram(program));
  known.set(program, regexp);
  return regexp;
}
