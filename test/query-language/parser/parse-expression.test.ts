import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import type { Expression } from '../../../query-language/syntax/ast.ts';

function condition(text: string): Expression {
  const [command] = parseQuery(`filter ${text}`).commands;
  if (command?.kind !== 'filter') throw new Error('not a filter');
  return command.condition;
}

/** The tree written with parentheses around every operation. */
function grouped(expression: Expression): string {
  switch (expression.kind) {
    case 'binary':
      return `(${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)})`;
    case 'unary':
      return `(${expression.operator} ${grouped(expression.operand)})`;
    case 'match':
      return `(${grouped(expression.subject)} ${expression.negated ? 'not ' : ''}like ${grouped(expression.pattern as Expression)})`;
    case 'in':
      return `(${grouped(expression.subject)} ${expression.negated ? 'not ' : ''}in ${expression.values.map(grouped).join()})`;
    case 'call':
      return `${expression.name}(${expression.arguments.map(grouped).join()})`;
    case 'member':
      return `${grouped(expression.object)}.${expression.path.join('.')}`;
    case 'field':
      return expression.name;
    case 'string':
      return JSON.stringify(expression.value);
    case 'duration':
      return `${expression.amount}${expression.unit}`;
    case 'number':
      return expression.text;
    default:
      return `/${(expression as { source: string }).source}/`;
  }
}

describe('precedence', () => {
  test.each([
    ['a or b and c', '(a or (b and c))'],
    ['not a and b', '((not a) and b)'],
    ['not a = b', '(not (a = b))'],
    ['!a and !ispresent(b)', '((not a) and (not ispresent(b)))'],
    ['!a like "x"', '(not (a like "x"))'],
    ['not not a', '(not (not a))'],
    ['a = b + c', '(a = (b + c))'],
    ['a + b * c - d', '((a + (b * c)) - d)'],
    ['a * b ^ c', '(a * (b ^ c))'],
    ['-a ^ b', '((- a) ^ b)'],
    ['a - -b', '(a - (- b))'],
    ['a - b - c', '((a - b) - c)'],
    ['a / b % c', '((a / b) % c)'],
    ['a ^ b ^ c', '((a ^ b) ^ c)'],
    ['(a or b) and c', '((a or b) and c)'],
    ['a > 1 and b like "x" or c in ["y"]', '(((a > 1) and (b like "x")) or (c in "y"))'],
    ['sum(x) > 0 and !a', '((sum(x) > 0) and (not a))'],
    ['a = b = c', '((a = b) = c)'],
    ['a-b', '(a - b)'],
  ])('%s is %s', (text, tree) => {
    expect(grouped(condition(text))).toBe(tree);
  });
});

describe('operators', () => {
  test('== is =', () => {
    expect(grouped(condition('a == 1'))).toBe('(a = 1)');
  });

  test.each(['=', '!=', '<', '<=', '>', '>='])(
    '%s compares, with or without blanks around it',
    (operator) => {
      expect(grouped(condition(`a${operator}1`))).toBe(`(a ${operator} 1)`);
      expect(grouped(condition(`a ${operator} "x"`))).toBe(`(a ${operator} "x")`);
    },
  );

  test('like, =~ and ~= accept a string or a regexp', () => {
    for (const operator of ['like', '=~', '~=']) {
      expect(grouped(condition(`a ${operator} "x%"`))).toBe('(a like "x%")');
      expect(grouped(condition(`a ${operator} /a\\/b|c/`))).toBe('(a like /a\\/b|c/)');
    }
    expect(grouped(condition('a not like /x/'))).toBe('(a not like /x/)');
  });

  test('in accepts a list of values, also mixed', () => {
    expect(grouped(condition('a in ["x", 1, -2]'))).toBe('(a in "x",1,(- 2))');
    expect(grouped(condition('a not in[1]'))).toBe('(a not in 1)');
  });

  test('a slash divides where no regexp is allowed', () => {
    expect(grouped(condition('a / 2 > b/c'))).toBe('((a / 2) > (b / c))');
  });
});

describe('names', () => {
  const path = (text: string) => {
    const read = condition(text);
    return read.kind === 'field' ? read.path : read;
  };

  test.each([
    ['@message', ['@message']],
    ['@aws.tag.env', ['@aws', 'tag', 'env']],
    ['a.b_c.d9', ['a', 'b_c', 'd9']],
    ['`detail-type`', ['detail-type']],
    ['j.`user.id`.x', ['j', 'user.id', 'x']],
    ['`http.method`', ['http.method']],
    ['items.0.name', ['items', '0', 'name']],
    ['users[1].action', ['users', '1', 'action']],
    ['m[0][12]', ['m', '0', '12']],
    ['count', ['count']],
    ['limit', ['limit']],
  ])('%s', (text, segments) => {
    expect(path(text)).toEqual(segments);
  });

  test('any quoted word is a name', () => {
    expect(path('`not`')).toEqual(['not']);
    expect(grouped(condition('`in` in ["x"]'))).toBe('(in in "x")');
  });

  test('a column is named by its segments joined with dots', () => {
    expect(condition('a[0].`b c`')).toMatchObject({ name: 'a.0.b c' });
  });
});

describe('literals', () => {
  const value = (text: string) => {
    const read = condition(text);
    return read.kind === 'string' || read.kind === 'number' ? read.value : read;
  };

  test.each([
    ['"a \'b\' c"', "a 'b' c"],
    [`'a "b" c'`, 'a "b" c'],
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`"a\\"`, 'a\\'],
    [String.raw`"a\tb\nc"`, 'a\tb\nc'],
    [String.raw`"\d+\."`, String.raw`\d+\.`],
    ['"two\nlines"', 'two\nlines'],
    ['""', ''],
  ])('the string %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test.each([
    ['42', 42],
    ['100.0', 100],
    ['1e6', 1_000_000],
    ['2.5E-3', 0.0025],
    ['123456789012', 123456789012],
  ])('the number %s', (text, expected) => {
    expect(value(text)).toBe(expected);
    expect(condition(text)).toMatchObject({ text });
  });

  test('a duration keeps amount and unit', () => {
    expect(condition('bin(300S)')).toMatchObject({
      arguments: [{ kind: 'duration', amount: 300, unit: 's' }],
    });
  });
});

describe('calls', () => {
  test('have names in lower case, and any name is allowed', () => {
    expect(condition('isPresent(a)')).toMatchObject({
      kind: 'call',
      name: 'ispresent',
      star: false,
    });
    expect(condition('count ( * )')).toMatchObject({ name: 'count', star: true, arguments: [] });
    expect(grouped(condition('if(a < 1, "x", if(b, 1, 0))'))).toBe('if((a < 1),"x",if(b,1,0))');
  });

  test('bin, datefloor and dateceil take an offset, inside or after the parentheses', () => {
    const offset = { kind: 'duration', amount: 15, unit: 'm' };
    expect(condition('bin(1h offset 15m)')).toMatchObject({ name: 'bin', offset });
    expect(condition('bin(1h) offset 15m')).toMatchObject({ name: 'bin', offset });
    expect(condition('datefloor(@timestamp, 1h offset 15m)')).toMatchObject({ offset });
    expect(() => condition('count(a) offset 15m')).toThrow('unexpected symbol found offset');
    expect(() => condition('bin(1h offset 15)')).toThrow('expected a duration');
  });

  test('of jsonParse can have members', () => {
    expect(condition('jsonParse(a.b).c.`d e`')).toMatchObject({
      kind: 'member',
      object: { kind: 'call', name: 'jsonparse' },
      path: ['c', 'd e'],
    });
  });
});

describe('chains', () => {
  test('of up to 500 operands are read, longer ones refused', () => {
    const chain = (length: number) => Array(length).fill('a').join(' or ');
    expect(() => condition(chain(500))).not.toThrow();
    expect(() => condition(chain(501))).toThrow('more than 500 operands in one chain at line 1');
  });
});
