import { canBeEmpty, type RegexpNode } from '../../query-language/regexp/regexp-tree.ts';

/** A text built to make an expression as slow as possible. */
export interface HostileString {
  /** How it is built, for the test name. */
  readonly name: string;
  /** @param characters minimum length of the text */
  readonly text: (characters: number) => string;
}

/**
 * Texts with the most paths for a backtracking engine, derived from the expression itself, so that
 * they fit any detection:
 *
 * - for each repeat, a prefix and then endless iterations, of each alternative and of all in
 *   turn, followed by text that does not match (a pumped repeat)
 * - two consecutive repeats, each pumped
 * - the prefix of a repeat again and again, with or without an iteration (many beginnings)
 * - the shortest match, its first and its second half, repeated and joined
 */
export function hostileStrings(root: RegexpNode): readonly HostileString[] {
  const found = new Map<string, HostileString>();
  const add = (name: string, text: (characters: number) => string) => {
    const key = text(64);
    if (key !== '' && !found.has(key)) found.set(key, { name: `${name}: ${shown(key)}`, text });
  };
  const pumps = pumpsOf(root, '');
  pumps.forEach(({ before, rounds }, at) => {
    const [next] = pumps.slice(at + 1);
    const units = [...rounds, rounds.join('')];
    for (const unit of new Set(units)) {
      for (const end of ['', '\0', '\n']) {
        add('a pumped repeat', (characters) => before + repeated(unit, characters) + end);
      }
      add('many beginnings', (characters) => repeated(before + unit, characters));
      add('many beginnings of a pumped repeat', (characters) =>
        repeated(before + unit.repeat(8), characters),
      );
      const [other] = next?.rounds ?? [];
      if (next === undefined || other === undefined) continue;
      const between = next.before.startsWith(before) ? next.before.slice(before.length) : '';
      add('two pumped repeats', (characters) => {
        const half = characters / 2;
        return before + repeated(unit, half) + between + repeated(other, half);
      });
    }
    add('many beginnings', (characters) => repeated(before, characters));
  });
  const match = shortestText(root);
  const middle = match.length >> 1;
  const halves = [match.slice(0, middle), match.slice(middle)] as const;
  add('many matches', (characters) => repeated(match, characters));
  add('many first halves', (characters) => repeated(halves[0], characters));
  add('many second halves', (characters) => repeated(halves[1], characters));
  add('first halves, then second halves', (characters) =>
    halves.map((half) => repeated(half, characters / 2)).join(''),
  );
  add('second halves, then first halves', (characters) =>
    halves
      .toReversed()
      .map((half) => repeated(half, characters / 2))
      .join(''),
  );
  return [...found.values()];
}

/** A repeat without a limit: its prefix, and texts of one iteration. */
interface Pump {
  readonly before: string;
  readonly rounds: readonly string[];
}

/** A few iterations suffice for a limited repeat, which also limits the engines. */
const minRounds = 8;

function pumpsOf(node: RegexpNode, before: string): readonly Pump[] {
  switch (node.kind) {
    case 'sequence': {
      let reached = before;
      return node.items.flatMap((item) => {
        const pumps = pumpsOf(item, reached);
        reached += shortestText(item);
        return pumps;
      });
    }
    case 'alternation':
      return node.options.flatMap((option) => pumpsOf(option, before));
    case 'group':
      return pumpsOf(node.body, before);
    case 'repeat': {
      const rounds = textsOf(node.body).filter((text) => text !== '');
      const own = node.max < minRounds || rounds.length === 0 ? [] : [{ before, rounds }];
      return [...own, ...pumpsOf(node.body, before)];
    }
    default:
      return [];
  }
}

/** Characters tried for a class, in this order: those of other parts of the expressions. */
const telling = [...'a "\\\'n/*-([{=%0Z_.:,', '\n', '\x1b', '\t', 'é', '😀'];
const maxCharactersOfClass = 4;

/** Short texts that the node matches: each alternative, and several characters of a class. */
function textsOf(node: RegexpNode): readonly string[] {
  switch (node.kind) {
    case 'literal':
      return [String.fromCodePoint(node.codePoint)];
    case 'class': {
      const { negated, ranges } = node;
      const takes = (codePoint: number) =>
        ranges.some(([from, to]) => from <= codePoint && codePoint <= to) !== negated;
      const taken = telling.filter((text) => takes(text.codePointAt(0) ?? 0));
      const [first] = negated ? [] : ranges;
      if (taken.length === 0) return [first === undefined ? '~' : String.fromCodePoint(first[0])];
      return taken.slice(0, maxCharactersOfClass);
    }
    case 'assertion':
      return [''];
    case 'group':
      return textsOf(node.body);
    case 'alternation':
      return [...new Set(node.options.flatMap(textsOf))];
    case 'repeat': {
      const [shortest = ''] = textsOf(node.body);
      return [shortest.repeat(Math.max(1, node.min))];
    }
    case 'sequence': {
      const parts = node.items.map(textsOf);
      const whole = parts.map(([first = '']) => first);
      return [
        whole.join(''),
        ...parts.flatMap((texts, at) =>
          texts.slice(1).map((text) => whole.with(at, text).join('')),
        ),
      ];
    }
  }
}

function shortestText(node: RegexpNode): string {
  if (canBeEmpty(node)) return '';
  switch (node.kind) {
    case 'sequence':
      return node.items.map(shortestText).join('');
    case 'alternation':
      return node.options
        .map(shortestText)
        .reduce((best, text) => (text.length < best.length ? text : best));
    case 'group':
      return shortestText(node.body);
    case 'repeat':
      return shortestText(node.body).repeat(node.min);
    default:
      return textsOf(node)[0] ?? '';
  }
}

function repeated(unit: string, characters: number): string {
  return unit === '' ? '' : unit.repeat(Math.ceil(characters / unit.length));
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
