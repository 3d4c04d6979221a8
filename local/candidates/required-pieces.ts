import { childrenOf, type RegexpNode } from '../../query-language/regexp/regexp-tree.ts';

/**
 * A piece of text with some freedom: for each character the code points that are possible there.
 * {@link edge} stands for the beginning or the end of the text.
 */
export type Piece = readonly (readonly number[])[];

/** The place of a character where a text begins or ends; no code point. */
export const edge = -1;

/** A larger set of characters tells too little about a text. */
const charactersMax = 16;
/** Limit for the product of alternatives, which could grow without bound. */
const alternativesMax = 700;

interface Analysis {
  /** All texts that the node matches, if they are few. */
  readonly exact: readonly Piece[] | undefined;
  /** Sets of pieces: a text that the node matches contains a piece of each set. */
  readonly required: readonly (readonly Piece[])[];
}

const nothing: Analysis = { exact: undefined, required: [] };
const empty: Analysis = { exact: [[]], required: [] };

/**
 * Sets of pieces of which each is required: a text in which the regexp matches contains at least one
 * piece of every set. None for a regexp that requires nothing in particular, such as `\d+`.
 */
export function requiredPieces(root: RegexpNode): readonly (readonly Piece[])[] {
  return withExact(analyse(root));
}

function withExact({ exact, required }: Analysis): readonly (readonly Piece[])[] {
  return exact === undefined || hasEmpty(exact) ? required : [exact, ...required];
}

function hasEmpty(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => piece.every(([only]) => only === edge));
}

function analyse(node: RegexpNode): Analysis {
  switch (node.kind) {
    case 'literal':
      return { exact: [[[node.codePoint]]], required: [] };
    case 'class': {
      if (node.negated || node.properties.length > 0) return nothing;
      const size = node.ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      if (size === 0 || size > charactersMax) return nothing;
      const characters = node.ranges.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, at) => from + at),
      );
      return { exact: [[characters]], required: [] };
    }
    case 'assertion':
      return node.at === 'start' || node.at === 'end'
        ? { exact: [[[edge]]], required: [] }
        : node.at === 'end-or-newline'
          ? { exact: [[[edge]], [[0x0a], [edge]]], required: [] }
          : empty;
    case 'sequence':
      return analyseSequence(node.items);
    case 'alternation':
      return analyseAlternation(node.options);
    case 'group':
      return analyse(node.body);
    case 'repeat': {
      const [body] = childrenOf(node);
      const inner = body === undefined ? nothing : analyse(body);
      if (node.max === 0) return empty;
      if (node.max === 1 && inner.exact !== undefined) {
        return { exact: node.min === 1 ? inner.exact : [[], ...inner.exact], required: [] };
      }
      if (node.min === 0) return nothing;
      if (node.min === node.max && inner.exact?.length === 1) {
        const [once = []] = inner.exact;
        return { exact: [Array.from({ length: node.min }, () => once).flat()], required: [] };
      }
      if (inner.exact?.length === 1) {
        const [once = []] = inner.exact;
        const all = Array.from({ length: node.min }, () => once).flat();
        return { exact: undefined, required: hasEmpty([all]) ? [] : [[all]] };
      }
      return { exact: undefined, required: withExact(inner) };
    }
  }
}

/** Joins adjacent exact items into runs; each run is required. */
function analyseSequence(items: readonly RegexpNode[]): Analysis {
  const required: (readonly Piece[])[] = [];
  let run: readonly Piece[] = [[]];
  let isExact = true;
  const endRun = (next: readonly Piece[]) => {
    if (!hasEmpty(run)) required.push(run);
    run = next;
  };
  for (const item of items) {
    const { exact, required: inner } = analyse(item);
    required.push(...inner);
    if (exact !== undefined && run.length * exact.length <= alternativesMax) {
      run = run.flatMap((head) => exact.map((tail) => [...head, ...tail]));
      continue;
    }
    isExact = false;
    endRun(exact ?? [[]]);
  }
  if (isExact) return { exact: run, required };
  endRun([[]]);
  return { exact: undefined, required };
}

function analyseAlternation(options: readonly RegexpNode[]): Analysis {
  const analyses = options.map(analyse);
  const exact = analyses.flatMap((one) => one.exact ?? []);
  if (analyses.every((one) => one.exact !== undefined) && exact.length <= alternativesMax) {
    return { exact, required: [] };
  }
  return { exact: undefined, required: combined(analyses.map(withExact)) };
}

/** Combinations of the sets of all alternatives, of which each alternative has at least one. */
function combined(
  options: readonly (readonly (readonly Piece[])[])[],
): readonly (readonly Piece[])[] {
  if (options.some((sets) => sets.length === 0)) return [];
  const longest = (pieces: readonly Piece[]) => Math.min(...pieces.map((piece) => piece.length));
  const best = options.map((sets) => sets.toSorted((a, b) => longest(b) - longest(a))[0] ?? []);
  return [best.flat()];
}
