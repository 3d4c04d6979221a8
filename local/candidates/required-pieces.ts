import type { RegexpNode } from '../../query-language/regexp/regexp-tree.ts';

/**
 * A piece of text with some freedom: for each character the code points that are possible there.
 * {@link edge} stands for the beginning or the end of the text.
 */
export type Piece = readonly (readonly number[])[];

/** The place of a character where a text begins or ends; no code point. */
export const edge = -1;

/** What a text must contain. */
export type Need =
  /** At least one of the pieces. */
  | { readonly pieces: readonly Piece[] }
  /** All that one of the options needs. */
  | { readonly either: readonly (readonly Need[])[] };

/** A larger set of characters tells too little about a text. */
const charactersMax = 16;
/** Limit for the product of alternatives, which could grow without bound. */
const alternativesMax = 64;
/** A longer piece is not rarer for a search. */
const pieceMax = 14;

/** How a match of a node begins. */
interface Beginning {
  readonly piece: Piece;
  /** Whether the match goes on after the piece in a way that is not known. */
  readonly isOpen: boolean;
}

interface Analysis {
  /** Every match begins in one of these ways; one that is not open is the whole match. */
  readonly beginnings: readonly Beginning[];
  /** What every match contains besides. */
  readonly needs: readonly Need[];
}

const unknown: Analysis = { beginnings: [{ piece: [], isOpen: true }], needs: [] };
const empty: Analysis = { beginnings: [{ piece: [], isOpen: false }], needs: [] };

/**
 * All that a text needs for a regexp to match in it. Nothing for a regexp that requires nothing in
 * particular, such as `\d+`.
 */
export function needsOfRegexp(root: RegexpNode): readonly Need[] {
  return allNeeds(analyse(root));
}

function allNeeds({ beginnings, needs }: Analysis): readonly Need[] {
  const pieces = beginnings.map(({ piece }) => piece);
  return pieces.some(isEmpty) ? needs : [{ pieces }, ...needs];
}

/** Every text contains its edges. */
function isEmpty(piece: Piece): boolean {
  return piece.every(([only]) => only === edge);
}

function analyse(node: RegexpNode): Analysis {
  switch (node.kind) {
    case 'literal':
      return exactly([[node.codePoint]]);
    case 'class': {
      const size = node.ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      const isSmall = !node.negated && node.properties.length === 0 && size <= charactersMax;
      if (!isSmall || size === 0) return unknown;
      const characters = node.ranges.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, at) => from + at),
      );
      return exactly([characters]);
    }
    case 'assertion':
      if (node.at === 'start' || node.at === 'end') return exactly([[edge]]);
      if (node.at !== 'end-or-newline') return empty;
      return eitherOf([exactly([[edge]]), exactly([[0x0a], [edge]])]);
    case 'sequence':
      return inSequence(node.items.map(analyse));
    case 'alternation':
      return eitherOf(node.options.map(analyse));
    case 'group':
      return analyse(node.body);
    case 'repeat': {
      const body = analyse(node.body);
      const isEndless = node.min > pieceMax;
      const times = Array.from({ length: Math.min(node.min, pieceMax) }, () => body);
      if (isEndless) return inSequence([...times, unknown]);
      return node.max === node.min
        ? inSequence(times)
        : inSequence([...times, optional(body, node.max - node.min)]);
    }
  }
}

function exactly(piece: Piece): Analysis {
  return { beginnings: [{ piece, isOpen: false }], needs: [] };
}

/** Up to so many matches of a node, or none. */
function optional({ beginnings }: Analysis, max: number): Analysis {
  if (max === 0) return empty;
  const once = max === 1 ? beginnings : beginnings.map(({ piece }) => ({ piece, isOpen: true }));
  return { beginnings: [...empty.beginnings, ...once], needs: [] };
}

function eitherOf(options: readonly Analysis[]): Analysis {
  const beginnings = options.flatMap((option) => option.beginnings);
  const needs = options.map(allNeeds);
  const isKnown = needs.every((one) => one.length > 0);
  return {
    beginnings: beginnings.length > alternativesMax ? unknown.beginnings : beginnings,
    // Where all options are known to their end, their beginnings say the same.
    needs: isKnown && beginnings.some(({ isOpen }) => isOpen) ? [{ either: needs }] : [],
  };
}

/** Runs that are followed at the same time, at most. */
const runsMax = 3;

/**
 * Joins adjacent items into runs. A run goes on as long as the end of one of its beginnings is known; once
 * that of another is not, a second run begins beside it.
 */
function inSequence(items: readonly Analysis[]): Analysis {
  const needs: Need[] = [];
  let first: readonly Beginning[] = [];
  const runs = [{ isFirst: true, beginnings: empty.beginnings }];
  const end = ({ isFirst, beginnings }: (typeof runs)[number]) => {
    if (isFirst) first = beginnings;
    else needs.push(...allNeeds({ beginnings, needs: [] }));
  };
  for (const item of items) {
    needs.push(...item.needs);
    const before = runs.splice(0);
    for (const { isFirst, beginnings } of before) {
      const run = { isFirst, beginnings: extend(beginnings, item.beginnings) };
      if (run.beginnings.every(({ isOpen }) => isOpen)) end(run);
      else runs.push(run);
    }
    // An item that was too much for every run is needed by itself.
    if (runs.length === 0 && item.beginnings.some(({ isOpen }) => !isOpen)) {
      runs.push({ isFirst: false, beginnings: item.beginnings });
    }
    if (runs.length === runsMax || runs.at(-1)?.beginnings.every(({ isOpen }) => !isOpen)) continue;
    runs.push({ isFirst: false, beginnings: empty.beginnings });
  }
  const isFirstAtEnd = runs.some(({ isFirst }) => isFirst);
  for (const run of runs) end(run);
  return {
    beginnings: isFirstAtEnd ? first : first.map(({ piece }) => ({ piece, isOpen: true })),
    needs,
  };
}

/** The run and what follows it; if these would be too many, the run with unknown ends. */
function extend(run: readonly Beginning[], next: readonly Beginning[]): readonly Beginning[] {
  const open = run.filter(({ isOpen }) => isOpen);
  const closed = run.length - open.length;
  if (open.length + closed * next.length > alternativesMax) {
    return run.map(({ piece }) => ({ piece, isOpen: true }));
  }
  return run.flatMap((head) =>
    head.isOpen
      ? [head]
      : next.map((tail) => {
          const piece = [...head.piece, ...tail.piece];
          return {
            piece: piece.slice(0, pieceMax),
            isOpen: tail.isOpen || piece.length > pieceMax,
          };
        }),
  );
}
