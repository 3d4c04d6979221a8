import { complement, mergeRanges } from '../regexp/code-point-ranges.ts';
import { parseRegexp } from '../regexp/parse-regexp.ts';
import {
  type CodePointRange,
  canBeEmpty,
  childrenOf,
  type RegexpNode,
} from '../regexp/regexp-tree.ts';
import type { Query, RegexLiteral, Span } from '../syntax/ast.ts';
import { errorAt, quoteBriefly } from '../syntax/query-error.ts';

/** Two parts of a regexp under a repeat that can match the same characters. */
interface Overlap {
  readonly one: RegexpNode;
  readonly other: RegexpNode;
}

/**
 * Finds two alternatives under a repeat of which one can match a prefix of the other's match
 * (`(?:a|ab)+`, `(?:\W|\s)*`), or two ways to divide a text among the iterations of a repeat and of
 * a repeat inside it (`(?:a+)+`, `(?:a*b?)*`). A backtracking engine tries all of them: a line of a
 * hundred characters can take hours.
 *
 * @returns undefined for a regexp without such parts
 */
function overlapUnderRepeat(root: RegexpNode): Overlap | undefined {
  if (root.kind !== 'repeat' || root.max <= 1) return firstOf(childrenOf(root), overlapUnderRepeat);
  return overlapOfAlternatives(root.body) ?? overlapOfRounds(root.body);
}

function overlapOfAlternatives(node: RegexpNode): Overlap | undefined {
  const options = node.kind === 'alternation' ? node.options : [];
  return (
    firstOf(options, (one, at) => {
      const other = options.slice(at + 1).find((option) => shareABeginning(one, option));
      return other && { one, other };
    }) ?? firstOf(childrenOf(node), overlapOfAlternatives)
  );
}

/**
 * Two paths through the iterations that diverge at some character and meet again after the same
 * text.
 */
function overlapOfRounds(body: RegexpNode): Overlap | undefined {
  const ways = new Ways();
  const rounds = ways.of(body);
  ways.join(rounds.last, rounds.first);
  const [twice] = ways.joinedTwice;
  if (twice !== undefined) return { one: body, other: twice.taker };
  const partings = [rounds.first, ...ways.steps.map(({ next }) => [...next])];
  return firstOf(partings, (steps) =>
    firstOf(steps, (one, at) => {
      const other = steps.slice(at + 1).find((step) => meetAgain(one, step));
      return other && { one: one.taker, other: other.taker };
    }),
  );
}

function meetAgain(one: Step, other: Step): boolean {
  return stepsTogether([one], [other], (a, b) => a === b);
}

/** Whether one can match a text that starts with a match of the other. */
function shareABeginning(one: RegexpNode, other: RegexpNode): boolean {
  if (canBeEmpty(one) || canBeEmpty(other)) return true;
  const ways = new Ways();
  const [left, right] = [ways.of(one), ways.of(other)];
  return stepsTogether(left.first, right.first, (a, b) => left.last.has(a) || right.last.has(b));
}

/** Whether two paths that match the same characters reach a wanted pair of steps. */
function stepsTogether(
  left: readonly Step[],
  right: readonly Step[],
  isFound: (a: Step, b: Step) => boolean,
): boolean {
  const seen = new Map<Step, Set<Step>>();
  const open: (readonly [readonly Step[], readonly Step[]])[] = [[left, right]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const a of pair[0]) {
      const seenWith = seen.get(a) ?? new Set();
      seen.set(a, seenWith);
      for (const b of pair[1]) {
        if (seenWith.has(b) || !shareACharacter(a.taker, b.taker)) continue;
        if (isFound(a, b)) return true;
        seenWith.add(b);
        open.push([[...a.next], [...b.next]]);
      }
    }
  }
  return false;
}

/** A step that matches one character, and the steps that can match the next one. */
interface Step {
  readonly taker: RegexpNode;
  readonly next: Set<Step>;
}

interface Steps {
  readonly first: readonly Step[];
  readonly last: ReadonlySet<Step>;
}

/**
 * The paths through a node, step by step (Glushkov's automaton). Iterations of a repeat are not
 * counted.
 */
class Ways {
  readonly steps: Step[] = [];
  /** Steps that another step reaches in two ways: by an inner repeat and by an outer one. */
  readonly joinedTwice: Step[] = [];

  of(node: RegexpNode): Steps {
    switch (node.kind) {
      case 'literal':
      case 'class': {
        const step: Step = { taker: node, next: new Set() };
        this.steps.push(step);
        return { first: [step], last: new Set([step]) };
      }
      case 'assertion':
        return { first: [], last: new Set() };
      case 'group':
        return this.of(node.body);
      case 'alternation': {
        const options = node.options.map((option) => this.of(option));
        return {
          first: options.flatMap(({ first }) => first),
          last: new Set(options.flatMap(({ last }) => [...last])),
        };
      }
      case 'repeat': {
        const round = this.of(node.body);
        if (node.max > 1) this.join(round.last, round.first);
        return round;
      }
      case 'sequence':
        return this.#sequence(node.items);
    }
  }

  #sequence(items: readonly RegexpNode[]): Steps {
    const first: Step[] = [];
    let last: ReadonlySet<Step> = new Set();
    let isBegin = true;
    for (const item of items) {
      const steps = this.of(item);
      this.join(last, steps.first);
      if (isBegin) first.push(...steps.first);
      isBegin &&= canBeEmpty(item);
      last = canBeEmpty(item) ? new Set([...last, ...steps.last]) : steps.last;
    }
    return { first, last };
  }

  join(from: Iterable<Step>, to: readonly Step[]): void {
    for (const step of from) {
      for (const next of to) {
        if (step.next.has(next)) this.joinedTwice.push(next);
        step.next.add(next);
      }
    }
  }
}

function shareACharacter(one: RegexpNode, other: RegexpNode): boolean {
  const [left, right] = [rangesOf(one), rangesOf(other)];
  return left.some(([from, to]) => right.some((range) => from <= range[1] && range[0] <= to));
}

function rangesOf(node: RegexpNode): readonly CodePointRange[] {
  if (node.kind === 'literal') return [[node.codePoint, node.codePoint]];
  if (node.kind !== 'class') return [];
  // The characters of a Unicode category are not known here, so assume any.
  if (node.properties.length > 0) return complement([]);
  return node.negated ? complement(node.ranges) : mergeRanges(node.ranges);
}

function firstOf<T>(
  items: readonly T[],
  find: (item: T, at: number) => Overlap | undefined,
): Overlap | undefined {
  for (const [at, item] of items.entries()) {
    const found = find(item, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Refuses a regexp with overlapping alternatives. None of our engines backtracks, but people paste
 * these regexps into tools that do, and authors rarely intend such alternatives.
 *
 * @throws QueryError with the position of alternatives under a repeat that overlap
 */
export function refuseOverlap({ text }: Query, { span }: RegexLiteral): void {
  const spans = new Map<RegexpNode, Span>();
  const { root } = parseRegexp(text, { start: span.start + 1, end: span.end - 1 }, spans);
  const overlap = overlapUnderRepeat(root);
  if (overlap === undefined) return;
  const [one, other] = [overlap.one, overlap.other].map((node) => spans.get(node) ?? span);
  const written = (part = span) => quoteBriefly(text.slice(part.start, part.end));
  throw errorAt(
    text,
    one ?? span,
    `overlapping alternatives under a repeat, ${written(one)} and ${written(other)},`,
    'write them so that each text can match them in only one way',
  );
}
