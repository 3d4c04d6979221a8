import fc from 'fast-check';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import type { Expression } from '../../query-language/syntax/ast.ts';
import { QueryError, sourceText } from '../../query-language/syntax/query-error.ts';
import { growth, linearGrowth } from '../counted-steps.ts';
import { withoutSpans } from './tree-fixture.ts';

const blank = fc.constantFrom(' ', '\n', '  ', ' # note\n');

/** Expressions with varied layout. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.constantFrom('a', '@message', 'b.`c d`.0', 'x[1].y', '"s"', "'it\\'s'", '12', '1.5e3'),
    fc
      .tuple(
        tie('expression'),
        blank,
        fc.constantFrom('and', 'or', '=', '!=', '<', '+', '-', '*', '/', '^'),
        blank,
        tie('expression'),
      )
      .map((parts) => parts.join('')),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `(not ${inner})`),
    tie('expression').map((inner) => `-(${inner})`),
    // In parentheses, since the extent of a bare expression depends on the text before it, such as
    // `not`.
    tie('expression').map((inner) => `(!(${inner}))`),
    tie('expression').map((inner) => `(${inner} like /a\\/(b|c)/)`),
    tie('expression').map((inner) => `((${inner}) not like "x")`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([one, list]) => `((${one}) not in [${list}, 1])`),
    fc.array(tie('expression'), { maxLength: 3 }).map((list) => `coalesce(${list.join(' , ')})`),
    tie('expression').map((inner) => `jsonParse(${inner}).k`),
  ),
}));

function children(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'binary':
      return [node.left, node.right];
    case 'unary':
      return [node.operand];
    case 'match':
      return [node.subject];
    case 'in':
      return [node.subject, ...node.values];
    case 'call':
      return node.arguments;
    case 'member':
      return [node.object];
    default:
      return [];
  }
}

function all(node: Expression): readonly Expression[] {
  return [node, ...children(node).flatMap(all)];
}

function parseCondition(text: string) {
  const query = parseQuery(`filter ${text}`);
  const [command] = query.commands;
  if (command?.kind !== 'filter') throw new Error('not a filter');
  return { query, condition: command.condition };
}

test('the text of any part of an expression parses to that part', () => {
  fc.assert(
    fc.property(expression, (text) => {
      const { query, condition } = parseCondition(text);
      for (const part of all(condition)) {
        const again = parseCondition(sourceText(query, part)).condition;
        expect(withoutSpans(again)).toEqual(withoutSpans(part));
      }
    }),
  );
});

test('the text of any command parses to that command', () => {
  const commands = fc.array(
    fc.oneof(
      expression.map((text) => `filter ${text}`),
      expression.map((text) => `fields ${text} as n, m`),
      expression.map((text) => `stats max(${text}), count(*) by bin(5m) as t, x`),
      fc.constantFrom(
        'sort a desc, b',
        'limit 3',
        'parse a "x*" as y',
        'parse /(?<z>a)/',
        'unnest a into b',
      ),
    ),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(commands, (texts) => {
      const query = parseQuery(texts.join('\n| '));
      for (const command of query.commands) {
        const [again] = parseQuery(sourceText(query, command)).commands;
        expect(withoutSpans(again)).toEqual(withoutSpans(command));
      }
    }),
  );
});

const soup = fc
  .array(
    fc.constantFrom(
      ...[
        'fields',
        'filter',
        'parse',
        'stats',
        'by',
        'as',
        'sort',
        'limit',
        'dedup',
        'unnest',
        'into',
      ],
      ...[
        'SOURCE',
        'like',
        'not',
        'in',
        'and',
        'or',
        'a',
        '@m',
        'f(',
        '(',
        ')',
        '[',
        ']',
        ',',
        '|',
        '/',
      ],
      ...[
        '/x(?<n>y)/',
        '"s*"',
        "'",
        '`',
        '\\',
        '5m',
        '7',
        '.',
        '=',
        '!',
        '-',
        '#',
        '\n',
        '{',
        '∀',
        '\u0000',
      ],
    ),
    { maxLength: 40 },
  )
  .map((words) => words.join(' '));

test('any text is read, or refused with a QueryError that points into it', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
      try {
        parseQuery(text);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        const { start, end } = error.span;
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(text.length).toBeGreaterThanOrEqual(end);
        expect(error.message).toMatch(/ at line \d+ and position \d+/);
      }
    }),
    { numRuns: 2000 },
  );
});

test.each<[what: string, text: (size: number) => string]>([
  ...[
    ...[
      '(',
      '[',
      '`',
      '"',
      'a.',
      'a[1]',
      'a, ',
      '| ',
      '#',
      ' ',
      'a like /[ -Z]/ or ',
      'a in [1] or ',
    ],
    ...['not ', '-', '!', 'f(', 'a + '],
  ].map((unit): [string, (size: number) => string] => [
    `repeats of ${unit}`,
    (size) => unit.repeat(size / unit.length),
  ]),
  ...['(', '{', '(?:a{2}', 'x|', '[^a-z\\W]', '(?i)[^a-z\\W]', 'a*', '(a|b)+', '\\Q'].map(
    (unit): [string, (size: number) => string] => [
      `a regular expression of ${unit}`,
      (size) => `a like /${unit.repeat(size / unit.length)}/`,
    ],
  ),
  ['nested groups', (size) => `a like /${'(?:a{2}'.repeat(size / 100)}${')'.repeat(size / 100)}/`],
  ['a long list', (size) => `a in [${'1,'.repeat(size / 2)}1]`],
])('the work grows linearly with the length of a text: %s', (_, text) => {
  const parsing = (size: number) => {
    const query = `filter ${text(size)}`;
    return () => {
      try {
        parseQuery(query);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
      }
    };
  };
  expect(growth(parsing, 4_500)).toBeLessThan(linearGrowth);
});
