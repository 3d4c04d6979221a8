import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { compiledRegexp } from '../../lambda/regexp/linear-regexp.ts';
import type { Condition, FieldTest } from '../../lambda/regexp/regexp-program.ts';
import { readRegexpSource } from '../../query-language/regexp/parse-regexp.ts';
import { edge, type Need, needsOfRegexp, type Piece } from './required-pieces.ts';

/**
 * What a condition says of the messages of one log group: its tests of `@log` are decided. `true` fits all
 * messages, or nothing can be said of those that it fits; otherwise a message that fits has all needs.
 */
export type GroupCondition = boolean | readonly Need[];

/** How a log group is named. */
export interface GroupNames {
  /** `@log` of its events. */
  readonly log: string;
  readonly logGroup: string;
}

export function conditionInGroup(
  candidate: Candidate,
  { log, logGroup }: GroupNames,
): GroupCondition {
  if (!isOfType(candidate, logGroup)) return false;
  return decided(candidate.condition, false, log);
}

function isOfType({ logTypes }: Candidate, logGroup: string): boolean {
  return logTypes?.some((type) => logGroup.endsWith(`-${type}`)) ?? true;
}

/** All that {@link conditionInGroup} takes from a group's names: the same text means the same condition. */
export function testsOfNames(candidate: Candidate, { log, logGroup }: GroupNames): string {
  if (!isOfType(candidate, logGroup)) return '-';
  const results: string[] = [];
  const collect = (condition: Condition): void => {
    if ('not' in condition) collect(condition.not);
    else if ('and' in condition) condition.and.forEach(collect);
    else if ('or' in condition) condition.or.forEach(collect);
    else if (condition.field === 'log')
      results.push(resultLetters[`${passesText(condition, log)}`]);
  };
  collect(candidate.condition);
  return results.join('');
}

const resultLetters = { true: 't', false: 'f', undefined: 'u' } as const;

/** @param isNegated whether the condition must not be met */
function decided(condition: Condition, isNegated: boolean, log: string): GroupCondition {
  if ('not' in condition) return decided(condition.not, !isNegated, log);
  if ('and' in condition || 'or' in condition) {
    const isAnd = 'and' in condition;
    const parts = (isAnd ? condition.and : condition.or).map((part) =>
      decided(part, isNegated, log),
    );
    return isAnd === isNegated ? anyOf(parts) : allOf(parts);
  }
  const isPassed = condition.field === 'log' ? passesText(condition, log) : undefined;
  if (isPassed !== undefined) return isPassed !== isNegated;
  if (condition.field !== 'message' || isNegated) return true;
  return needsOf(condition);
}

function allOf(parts: readonly GroupCondition[]): GroupCondition {
  if (parts.includes(false)) return false;
  const needs = parts.flatMap((part) => (typeof part === 'boolean' ? [] : part));
  return needs.length === 0 ? true : needs;
}

export function anyOf(parts: readonly GroupCondition[]): GroupCondition {
  if (parts.includes(true)) return true;
  const options = parts.filter((part) => typeof part !== 'boolean');
  if (options.length < 2) return options[0] ?? false;
  return [{ either: options }];
}

/** Decides a test as the function does; only the order of texts is left to the function. */
export function passesText(test: FieldTest, text: string): boolean | undefined {
  if ('like' in test) return compiledRegexp(test.program).test(text);
  if ('contains' in test) return text.includes(test.contains);
  if ('equals' in test) return text === test.equals;
  return undefined;
}

/** By regexp: the same one is in many conditions, and each group asks again. */
const knownNeeds = new Map<string, readonly Need[]>();

function needsOf(test: FieldTest): GroupCondition {
  if ('below' in test || 'above' in test) return true;
  if ('contains' in test) return needing([{ pieces: [literally(test.contains)] }]);
  if ('equals' in test) {
    return needing([{ pieces: [[[edge], ...literally(test.equals), [edge]]] }]);
  }
  const needs = knownNeeds.get(test.like) ?? needsOfRegexp(readRegexpSource(test.like).root);
  knownNeeds.set(test.like, needs);
  return needing(needs);
}

function needing(needs: readonly Need[]): GroupCondition {
  const some = needs.filter(
    (need) => 'either' in need || need.pieces.every(({ length }) => length > 0),
  );
  return some.length === 0 ? true : some;
}

function literally(text: string): Piece {
  return Array.from(text, (character) => [character.codePointAt(0) ?? 0]);
}

/** The cost of searching for the pieces of some sets; the lower, the rarer they are. */
type CostOf = (sets: readonly (readonly Piece[])[]) => number;

/**
 * Chooses what to search for: sets of pieces. Every message that fits contains a piece of one of them.
 *
 * @returns none where no message fits; undefined where nothing in particular is required
 */
export function choosePieces(
  condition: GroupCondition,
  costOf: CostOf,
): readonly (readonly Piece[])[] | undefined {
  if (condition === false) return [];
  if (condition === true) return undefined;
  return cheapest(condition, costOf);
}

function cheapest(needs: readonly Need[], costOf: CostOf): readonly (readonly Piece[])[] {
  const choices = needs.map((need) =>
    'pieces' in need ? [need.pieces] : need.either.flatMap((option) => cheapest(option, costOf)),
  );
  const [first = [], ...others] = choices;
  if (others.length === 0) return first;
  return choices
    .map((sets) => ({ sets, cost: costOf(sets) }))
    .reduce((best, one) => (one.cost < best.cost ? one : best)).sets;
}
