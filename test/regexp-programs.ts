import type { PlanRegexp } from '../lambda/plan/scan-plan.ts';
import { LinearRegexp } from '../lambda/regexp/linear-regexp.ts';
import { readProgram } from '../lambda/regexp/regexp-program.ts';
import { regexpProgram } from '../queries/tools/compile-regexp.ts';

/** A regexp as the function gets it: compiled, written and read again. */
export function linearRegexp(source: string): LinearRegexp {
  return new LinearRegexp(readProgram(regexpProgram(source)));
}

/** A regexp of a `parse` command, in the form of a plan. */
export function planRegexp(source: string, groups: PlanRegexp['groups']): PlanRegexp {
  return { source, program: regexpProgram(source), groups };
}
