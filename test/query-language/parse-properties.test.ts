import fc from 'fast-check';
import type { Expression } from '../../query-language/ast.ts';
import { parseQuery } from '../../query-language/parse-query.ts';
import { QueryError } from '../../query-language/query-error.ts';
import { sourceText } from '../../query-language/source-text.ts';
import { bestCpuMs } from '../cpu-time.ts';
import { withoutSpans } from './tree-fixture.ts';

const blank = fc.constantFrom(' ', '\n', '  ', ' # note\n');

/** Texts of expressions, laid out in many ways. */
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
    // In brackets: bare, how far it reaches depends on what stands before it, as with `not`.
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

test('the text of any part of an expression, read by itself, is that part again', () => {
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

test('the text of any command, read by itself, is that command again', () => {
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

test('whatever the text, it is read or refused with a QueryError that points into it', () => {
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

test.each([
  '('.repeat(9_990),
  '[',
  '`',
  '"',
  'a.'.repeat(4_990),
  'a[1]'.repeat(2_490),
  'a, '.repeat(3_330),
  '| '.repeat(4_990),
  '#'.repeat(9_990),
  ' '.repeat(9_990),
  'a like /[ -Z]/ or '.repeat(500),
  `a like /${'(?i)[^a-z\\W]'.repeat(800)}/`,
  `a like /${'('.repeat(9_000)}/`,
  `a like /${'{'.repeat(9_000)}/`,
  `a like /${'(?:a{2}'.repeat(99)}${')'.repeat(99)}/`,
  `a like /${'x|'.repeat(4_900)}y/`,
  `a in [${'1,'.repeat(4_900)}1]`,
])('the longest text of one sort is dealt with in a moment (%#)', (text) => {
  const parse = () => {
    try {
      parseQuery(`filter ${text}`.slice(0, 10_000));
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
    }
  };
  expect(bestCpuMs(parse, 500)).toBeLessThan(500);
});
