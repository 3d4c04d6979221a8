import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { compiledRegexp } from '../../lambda/regexp/linear-regexp.ts';
import type { Condition, FieldTest } from '../../lambda/regexp/regexp-program.ts';
import { readRegexpSource } from '../../query-language/regexp/parse-regexp.ts';
import { edge, type Piece, requiredPieces } from './required-pieces.ts';

/**
 * What a condition says of the messages of one log group: its tests of `@log` are decided.
 *
 * `needs` lists sets of pieces: a message that fits contains a piece of each set. `true` fits all messages,
 * or nothing can be said of those that it fits.
 */
export type GroupCondition =
  | boolean
  | { readonly needs: readonly (readonly Piece[])[] }
  | { readonly and: readonly GroupCondition[] }
  | { readonly or: readonly GroupCondition[] };

/** @param log `@log` of the group's events */
export function conditionInGroup(
  { logTypes, condition }: Candidate,
  { log, logGroup }: { readonly log: string; readonly logGroup: string },
): GroupCondition {
  if (!(logTypes?.some((type) => logGroup.endsWith(`-${type}`)) ?? true)) return false;
  return decided(condition, false, log);
}

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
  const isPassed = condition.field === 'log' ? passes(condition, log) : undefined;
  if (isPassed !== undefined) return isPassed !== isNegated;
  if (condition.field !== 'message' || isNegated) return true;
  return needsOf(condition);
}

function allOf(parts: readonly GroupCondition[]): GroupCondition {
  if (parts.includes(false)) return false;
  const open = parts.filter((part) => part !== true);
  return open.length === 0 ? true : { and: open };
}

function anyOf(parts: readonly GroupCondition[]): GroupCondition {
  if (parts.includes(true)) return true;
  const open = parts.filter((part) => part !== false);
  return open.length === 0 ? false : { or: open };
}

/** Decides a test as the function does; only the order of texts is left to the function. */
function passes(test: FieldTest, text: string): boolean | undefined {
  if ('like' in test) return compiledRegexp(test.program).test(text);
  if ('contains' in test) return text.includes(test.contains);
  if ('equals' in test) return text === test.equals;
  return undefined;
}

/** The sets by regexp: the same one is in many conditions, and each group asks again. */
const knownSets = new Map<string, readonly (readonly Piece[])[]>();

function needsOf(test: FieldTest): GroupCondition {
  if ('below' in test || 'above' in test) return true;
  if ('contains' in test) return needing([[literally(test.contains)]]);
  if ('equals' in test) return needing([[[[edge], ...literally(test.equals), [edge]]]]);
  const sets = knownSets.get(test.like) ?? requiredPieces(readRegexpSource(test.like).root);
  knownSets.set(test.like, sets);
  return needing(sets);
}

function needing(sets: readonly (readonly Piece[])[]): GroupCondition {
  const needs = sets.filter((set) => set.every((piece) => piece.length > 0));
  return needs.length === 0 ? true : { needs };
}

function literally(text: string): Piece {
  return Array.from(text, (character) => [character.codePointAt(0) ?? 0]);
}

/**
 * Chooses what to search for: pieces of which every message that fits contains one.
 *
 * @param costOf the cost of searching for the pieces of a set; the lower, the rarer they are
 * @returns none where no message fits; undefined where nothing in particular is required
 */
export function choosePieces(
  condition: GroupCondition,
  costOf: (pieces: readonly Piece[]) => number,
): readonly Piece[] | undefined {
  if (condition === false) return [];
  if (condition === true) return undefined;
  if ('needs' in condition) return cheapest(condition.needs, costOf);
  if ('and' in condition) {
    return cheapest(
      condition.and.flatMap((part) => {
        const pieces = choosePieces(part, costOf);
        return pieces === undefined ? [] : [pieces];
      }),
      costOf,
    );
  }
  const parts = condition.or.map((part) => choosePieces(part, costOf));
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

function cheapest(
  sets: readonly (readonly Piece[])[],
  costOf: (pieces: readonly Piece[]) => number,
): readonly Piece[] | undefined {
  const [first, ...others] = sets;
  if (first === undefined || others.length === 0) return first;
  return sets
    .map((set) => ({ set, cost: costOf(set) }))
    .reduce((best, one) => (one.cost < best.cost ? one : best)).set;
}
