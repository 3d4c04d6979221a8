import { LinearRegexp } from './linear-regexp.ts';
import { readProgram } from './read-program.ts';

/** The plan's regexps by program. They outlive a tick, with the states that they have built. */
const known = new Map<string, LinearRegexp>();

/**
 * @param program a program of the scan plan, which bounds the size of the cache
 * @throws ProgramError for a text that is not a program
 */
export function compiledRegexp(program: string): LinearRegexp {
  const regexp = known.get(program) ?? new LinearRegexp(readProgram(program));
  known.set(program, regexp);
  return regexp;
}
