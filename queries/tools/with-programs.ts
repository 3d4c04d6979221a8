import type { Condition } from '../../lambda/regexp/condition.ts';
import type { EventCondition } from '../../query-language/pack/event-condition.ts';
import { regexpProgram } from './compile-regexp.ts';

/** A condition as in the scan plan: each of its regexps with its compiled program. */
export function withPrograms(condition: EventCondition): Condition {
  if ('and' in condition) return { and: condition.and.map(withPrograms) };
  if ('or' in condition) return { or: condition.or.map(withPrograms) };
  if ('not' in condition) return { not: withPrograms(condition.not) };
  if (!('like' in condition)) return condition;
  const { field, like, ...anchors } = condition;
  return { field, like, program: regexpProgram(like), ...anchors };
}
