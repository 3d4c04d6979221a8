import type { InsightsEngine } from '../../../../local/insights-engine/engine.ts';
import { ask, engineWith, evaluate } from '../ask.ts';

const message = JSON.stringify({
  level: 'ERROR',
  status: 200,
  text: 'abc',
  yes: true,
  no: false,
  none: null,
  infinite: 'inf',
  undefinedNumber: 'nan',
  grouped: '1_000',
  padded: '12 ',
  decimal: '1.50',
  map: { a: 1 },
});

let engine: InsightsEngine;

beforeAll(async () => {
  engine = await engineWith([message]);
});

afterAll(() => engine.close());

test.each([
  ['1 + 2 * 3', '7'],
  ['2 ^ 3', '8'],
  ['10 % 3', '1'],
  ['-(2 - 5)', '3'],
  ['5 / 2', '2.5'],
  ['0.1 + 0.2', '0.30000000000000004'],
  ['5 / 1', '5'],
  ['1e21', '1000000000000000000000'],
  ['6e-7', '0.0000006'],
  ['0 * -1', '0'],
  ['123456789012 + 0', '123456789012'],
])(
  'a number is shown with all its digits and without exponent: %s',
  async (expression, expected) => {
    expect(await evaluate(engine, expression)).toBe(expected);
  },
);

test.each(['5 / 0', '5 % 0', '1e308 * 1e10', '10 ^ 400', '1 + nosuch', '1 + text', 'sqrt(-1)'])(
  'a result without a finite value is missing: %s',
  async (expression) => {
    expect(await evaluate(engine, expression)).toBeUndefined();
  },
);

test.each(['infinite', 'undefinedNumber', 'grouped', 'padded'])(
  'text that only a database reads as a number is not a number: %s',
  async (field) => {
    expect(await evaluate(engine, `${field} + 1`)).toBeUndefined();
    expect(await evaluate(engine, `isNumeric(${field})`)).toBe('0');
  },
);

test.each([
  ['status = 200', '1'],
  ['status = "200"', '1'],
  ['status = 200.0', '1'],
  ['status >= 400', '0'],
  ['decimal = 1.5', '1'],
  ['decimal = "1.5"', '0'],
  ['text = 200', '0'],
  ['text != 200', '1'],
  ['text < 200', '0'],
  ['text > 200', '0'],
  ['text < "abd"', '1'],
  ['"9" < "10"', '1'],
  ['text == "abc"', '1'],
  ['text = "ABC"', '0'],
  ['map = "x"', '0'],
  ['map != "x"', '0'],
  ['@timestamp = 1767225600000', '1'],
  ['@timestamp < 1700000000000', '0'],
  ['@timestamp = "2026-01-01 00:00:00.000"', '0'],
])(
  'a comparison reads text as a number if the other side is a number: %s',
  async (expression, expected) => {
    expect(await evaluate(engine, expression)).toBe(expected);
  },
);

test.each([
  'nosuch = 1',
  'nosuch != 1',
  'nosuch != "x"',
  'none = 1',
  'nosuch like "x"',
  'nosuch not like "x"',
  'nosuch in ["x"]',
  'nosuch not in ["x", 1]',
  'not nosuch',
  'nosuch = 1 and status = 200',
])('a comparison with a missing value is neither true nor false: %s', async (expression) => {
  expect(await evaluate(engine, expression)).toBeUndefined();
  expect(await ask(engine, `filter ${expression}`)).toEqual([]);
});

test.each([
  ['nosuch = 1 and status = 404', '0'],
  ['nosuch = 1 or status = 200', '1'],
  ['not (status = 404)', '1'],
  ['!(status = 200)', '0'],
])('conditions have three values: %s', async (expression, expected) => {
  expect(await evaluate(engine, expression)).toBe(expected);
});

test.each([
  ['yes', 1],
  ['yes = 1', 1],
  ['no = 0', 1],
  ['no', 0],
  ['yes = true', 0],
  ['status', 1],
  ['not no', 1],
])(
  "JSON's true and false are 1 and 0, and `true` is a name like any other: filter %s",
  async (condition, rows) => {
    expect(await ask(engine, `filter ${condition}`)).toHaveLength(rows);
  },
);

test.each([
  ['text in ["abc", 1]', '1'],
  ['text in ["ab"]', '0'],
  ['text in ["ABC"]', '0'],
  ['status in [300, 200]', '1'],
  ['status in ["200"]', '1'],
  ['status not in [300, 400]', '1'],
  ['text not in ["abc"]', '0'],
])('in compares whole values case-sensitively: %s', async (expression, expected) => {
  expect(await evaluate(engine, expression)).toBe(expected);
});

test.each([
  ['text like "b"', '1'],
  ['text like "B"', '0'],
  ['text like "a%c"', '0'],
  ['text like "a_c"', '0'],
  ['text like /B/', '0'],
  ['text like /(?i)B/', '1'],
  ['text =~ /^a.c$/', '1'],
  ['text like /b$/', '0'],
  ['text not like /b/', '0'],
  ['status like /^2\\d\\d$/', '1'],
])('like searches a substring or a regexp case-sensitively: %s', async (expression, expected) => {
  expect(await evaluate(engine, expression)).toBe(expected);
});

test('a dot in a regexp does not match a line feed', async () => {
  const lines = await engineWith(['a\nb']);
  expect(await evaluate(lines, '@message like /a.b/')).toBe('0');
  expect(await evaluate(lines, '@message like /(?s)a.b/')).toBe('1');
  lines.close();
});

test('a deep or long expression is answered or refused, but never fails', async () => {
  const nested = `${'('.repeat(99)}1${')'.repeat(99)}`;
  expect(await evaluate(engine, nested)).toBe('1');
  await expect(evaluate(engine, `${'('.repeat(900)}1${')'.repeat(900)}`)).rejects.toThrow(/deep/);
  await expect(evaluate(engine, `${'not '.repeat(2400)}1`)).rejects.toThrow(/deep/);
  expect(await evaluate(engine, Array.from({ length: 400 }, () => '1').join(' + '))).toBe('400');
  const text = Array.from({ length: 60 }).reduce<string>(
    (inner) => `concat(${inner}, 1 + ${'1'})`,
    '"a"',
  );
  expect(await evaluate(engine, text)).toBe(`a${'2'.repeat(60)}`);
  const numbers = Array.from({ length: 40 }).reduce<string>(
    (inner) => `(1 + concat(${inner}))`,
    '0',
  );
  expect(await evaluate(engine, numbers)).toBe('40');
});

test('a query of more commands than anyone writes is refused', async () => {
  const query = `filter 1${'|limit 9'.repeat(200)}`;
  await expect(ask(engine, query)).rejects.toThrow(/more than 200 commands/);
  expect(await ask(engine, `fields text${'|limit 9'.repeat(150)}`)).toEqual([{ text: 'abc' }]);
});

test('a chain of names is answered, or refused if the database would take too long', async () => {
  const chain = (length: number) => {
    const names = Array.from({ length }, (_, at) => `a${at}+1 as a${at + 1}`);
    return `fields 1 as a0, ${names.join(', ')} | display a${length}`;
  };
  expect(await ask(engine, chain(100))).toEqual([{ a100: '101' }]);
  await expect(ask(engine, chain(600))).rejects.toThrow(/too many names/);
});

test.each([
  'filter @message like /PATTERN/',
  'parse @message /(?<x>PATTERN)/',
  'stats sum(@message like /PATTERN/)',
])('a regexp too large for RE2 is an error with its position: %s', async (query) => {
  const answer = ask(engine, query.replace('PATTERN', '\\p{L}{1000}'));
  await expect(answer).rejects.toMatchObject({ name: 'QueryError' });
  await expect(answer).rejects.toThrow(/the regexp is refused .* position/);
});

test('columns made of columns do not multiply the work', async () => {
  const expression = Array.from({ length: 30 }).reduce<string>(
    (inner) => `(1 + concat(${inner}))`,
    'status',
  );
  const query = `fields ${expression} as x | filter x > 3 | sort x | display x`;
  expect(await ask(engine, `${query} | limit 1`)).toEqual([{ x: '230' }]);
  expect(await ask(engine, `${query} | dedup x`)).toEqual([{ x: '230' }]);
  expect(await ask(engine, `stats max(${expression}) as x by ${expression} as y`)).toEqual([
    { x: '230', y: '230' },
  ]);
});
