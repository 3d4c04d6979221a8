import fc from 'fast-check';
import type { RegexpNode } from '../../query-language/regexp/regexp-tree.ts';

/**
 * Sources of small regexps with the same meaning in JavaScript and Logs Insights. Unlimited repeats
 * are not nested: backtracking would never end.
 */
export const regexpSource = fc.letrec<{ source: string; bounded: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    tie('bounded'),
    fc.tuple(tie('source'), tie('source')).map(([one, two]) => `${one}${two}`),
    fc.tuple(tie('source'), tie('source')).map(([one, two]) => `(?:${one}|${two})`),
    tie('source').map((inner) => `(${inner})`),
    fc
      .tuple(tie('bounded'), fc.constantFrom('*', '+', '*?', '+?', '{2,}'))
      .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
  ),
  bounded: fc.oneof(
    { maxDepth: 2, depthSize: 'medium' },
    fc.constantFrom(
      ...['a', 'b', 'role', 'User ', ' added to ', '\\.', '\\/', '"', '\\\\', 'é', '😀', '-'],
    ),
    fc.constantFrom(
      ...['\\d', '\\w', '\\W', '[a-c]', '[^b]', '[\\d_-]', '[x\\]]', '.', '\\b', '\\t'],
    ),
    fc.tuple(tie('bounded'), tie('bounded')).map(([one, two]) => `${one}${two}`),
    fc.tuple(tie('bounded'), tie('bounded')).map(([one, two]) => `(${one}|${two})`),
    fc
      .tuple(tie('bounded'), fc.constantFrom('?', '??', '{2}', '{1,2}?'))
      .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
  ),
})).source;

/** A text that the regexp matches completely, ignoring `\b`; `pick(n)` returns 0 to n - 1. */
export function matchingText(node: RegexpNode, pick: (count: number) => number): string {
  switch (node.kind) {
    case 'literal':
      return String.fromCodePoint(node.codePoint);
    case 'class': {
      if (node.negated) return '~';
      const [from, to] = node.ranges[pick(node.ranges.length)] ?? [0x7e, 0x7e];
      return String.fromCodePoint(from + pick(Math.min(to - from + 1, 1000)));
    }
    case 'assertion':
      return '';
    case 'sequence':
      return node.items.map((item) => matchingText(item, pick)).join('');
    case 'alternation': {
      const option = node.options[pick(node.options.length)];
      return option === undefined ? '' : matchingText(option, pick);
    }
    case 'group':
      return matchingText(node.body, pick);
    case 'repeat': {
      const times = node.min + pick(Math.min(node.max - node.min, 2) + 1);
      return Array.from({ length: times }, () => matchingText(node.body, pick)).join('');
    }
  }
}

/** Endless choices, the same for the same numbers. */
export function chooser(numbers: readonly number[]): (count: number) => number {
  let at = 0;
  return (count) => {
    const number = numbers[at % numbers.length] ?? 0;
    at += 1;
    return number % count;
  };
}
