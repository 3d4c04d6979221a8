import fc from 'fast-check';
import {
  requiredLiterals,
  requiredStrings,
} from '../../../query-language/pack/required-strings.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { readRegexp, readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp } from '../../../query-language/regexp/write-regexp.ts';
import type { Expression, Query } from '../../../query-language/syntax/ast.ts';
import { chooser, matchingText, regexpSource } from '../regexp-arbitrary.ts';

/** The strings that the query's last filter requires. */
function literals(text: string): readonly string[] | undefined {
  const query = parseQuery(text);
  return requiredLiterals(lastCondition(query), text);
}

function lastCondition(query: Query): Expression {
  const last = query.commands.at(-1);
  if (last?.kind !== 'filter') throw new Error('the query does not end with a filter');
  return last.condition;
}

describe('of a string', () => {
  test.each([
    ['@message like "add-role"', ['add-role']],
    ['strcontains(@message, "add-role")', ['add-role']],
    ['@message like ""', undefined],
    ['message like "add-role"', undefined],
    ['@message not like "add-role"', undefined],
    ['@message = "add-role"', undefined],
  ])('%s', (condition, expected) => {
    expect(literals(`filter ${condition}`)).toEqual(expected);
  });
});

describe('of a regexp', () => {
  test.each([
    ['add-role', ['add-role']],
    ['User \\S+ added to role', [' added to role']],
    ['User \\\\?"[^"]+', ['User "', 'User \\"']],
    ['(GET|POST) \\/api', ['GET /api', 'POST /api']],
    ['error|warning', ['error', 'warning']],
    ['add|add-role', ['add']],
    ['error|\\d+', undefined],
    ['(error)?', undefined],
    ['(ab)+c', ['ab']],
    ['(?:ab){3}', ['ababab']],
    ['x{2,}y', ['xx']],
    ['[ab]c', ['ac', 'bc']],
    ['[a-z]+: denied', [': denied']],
    ['(?i)error', undefined],
    ['(?i)error(?-i): denied', [': denied']],
    ['^\\[airflow\\]$', ['[airflow]']],
    ['.*', undefined],
  ])('%s', (source, expected) => {
    expect(literals(`filter @message like /${source}/`)).toEqual(expected);
  });
});

describe('of a condition', () => {
  test.each([
    ['@message like "short" and @message like "much longer"', ['much longer']],
    ['@message like "one" and level = "INFO"', ['one']],
    ['@message like "one" or @message like "two"', ['one', 'two']],
    ['@message like "one" or level = "INFO"', undefined],
    ['not @message not like "one"', ['one']],
    ['not (@message not like "one" and @message not like "two")', ['one', 'two']],
    ['not (level = "INFO" or @message not like "one")', ['one']],
    ['not @message like "one"', undefined],
    ['not strcontains(@message, "one")', undefined],
  ])('%s', (condition, expected) => {
    expect(literals(`filter ${condition}`)).toEqual(expected);
  });

  test('hundreds of different strings are combined, thirty-two per regexp', () => {
    const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at}w`);
    const united = words(200)
      .map((word) => `@message like "${word}"`)
      .join(' or ');
    expect(literals(`filter ${united}`)).toHaveLength(200);
    expect(literals(`filter @message like /${words(32).join('|')}/`)).toHaveLength(32);
    expect(literals(`filter @message like /${words(33).join('|')}/`)).toBeUndefined();
  });
});

const numbers = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });

test('what a regexp matches contains one of its strings', () => {
  let derived = 0;
  fc.assert(
    fc.property(regexpSource, numbers, fc.string(), (source, choices, around) => {
      const regexp = readRegexpSource(source);
      const required = requiredStrings(regexp.root);
      if (required === undefined) return;
      derived += 1;
      const text = `${around}${matchingText(regexp.root, chooser(choices))}${around}`;
      if (!toJavaScriptRegExp(regexp).test(text)) return;
      expect(required.some((one) => text.includes(one))).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect(derived).toBeGreaterThan(300);
});

/** The truth of a condition made of like, and, or and not, for one message. */
function holds(condition: Expression, query: string, message: string): boolean {
  switch (condition.kind) {
    case 'match': {
      const { pattern } = condition;
      const found =
        pattern.kind === 'string'
          ? message.includes(pattern.value)
          : toJavaScriptRegExp(readRegexp(pattern, query)).test(message);
      return found !== condition.negated;
    }
    case 'unary':
      return !holds(condition.operand, query, message);
    case 'binary': {
      const sides = [condition.left, condition.right].map((side) => holds(side, query, message));
      return condition.operator === 'and' ? sides.every(Boolean) : sides.some(Boolean);
    }
    default:
      throw new Error(`not expected: ${condition.kind}`);
  }
}

test('a message that satisfies a filter contains one of its strings', () => {
  const words = ['a', 'b', 'ab', 'role', 'User x'];
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.constantFrom(...words).map((word) => `@message like "${word}"`),
      fc.constantFrom(...words).map((word) => `@message not like "${word}"`),
      fc
        .constantFrom('/a+b?/', '/ro?l/', '/User (x|a)/', '/[ab]r|x/')
        .map((re) => `@message like ${re}`),
      fc.tuple(tie('condition'), tie('condition')).map(([one, two]) => `(${one} and ${two})`),
      fc.tuple(tie('condition'), tie('condition')).map(([one, two]) => `(${one} or ${two})`),
      tie('condition').map((inner) => `not (${inner})`),
    ),
  }));
  const message = fc.array(fc.constantFrom(...words, 'x', ' ', 'rl'), { maxLength: 6 });
  fc.assert(
    fc.property(condition, message, (text, parts) => {
      const query = `filter ${text}`;
      const read = lastCondition(parseQuery(query));
      const required = requiredLiterals(read, query);
      if (required === undefined || !holds(read, query, parts.join(''))) return;
      expect(required.some((one) => parts.join('').includes(one))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
