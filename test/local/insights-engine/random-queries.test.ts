import fc from 'fast-check';
import { aggregateFunctions } from '../../../local/insights-engine/functions/aggregate-functions.ts';
import { scalarFunctions } from '../../../local/insights-engine/functions/functions-by-name.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { engineWith, run } from './ask.ts';

const messages = [
  '{"a":{"b":1},"list":[1,"two",{"n":3}],"t":true,"n":null,"s":"12","big":12345678901234567890123,"neg":-1.5e3}',
  '{"a":"text","list":[],"s":""}',
  ...['plain 42', 'inf', 'nan', '1_000', '12 ', '-0', '1e999', '1e308', '', 'a\0b', '{broken'],
  ...[
    '\ud800',
    '🤦🏼‍♂️\r\n',
    '[1,2]',
    '"str"',
    '192.168.1.1',
    '::1',
    '%ff%',
    '###',
    '99999999999999999999',
  ],
];

const field = fc.constantFrom(
  ...[
    '@message',
    '@timestamp',
    '@ingestionTime',
    '@log',
    '@ptr',
    'a',
    'a.b',
    'list',
    'list.0',
    't',
    's',
  ],
  ...['n', 'big', 'neg', 'nosuch', 'j', 'j.list', 'j.a'],
);
const literal = fc.constantFrom(
  ...['""', '"x"', '"12"', '"%Y"', '"yyyy"', '"UTC"', '"10.0.0.0/8"', '"[1]"', '"(a)"', '"a\'b"'],
  ...['0', '1', '-1', '2.5', '1e30', '1e308', '400', '5m', '1mo', '2w'],
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const call = fc
    .constantFrom(...scalarFunctions.values())
    .chain(({ name, minArguments, maxArguments }) =>
      fc
        .array(tie('expression'), {
          minLength: minArguments,
          maxLength: Math.min(maxArguments, minArguments + 2),
        })
        .map((args) => `${name}(${args.join(', ')})`),
    );
  const operators = ['+', '-', '*', '/', '%', '^', '=', '!=', '<', '>=', 'and', 'or'];
  const binary = fc
    .tuple(tie('expression'), fc.constantFrom(...operators), tie('expression'))
    .map(([left, operator, right]) => `(${left} ${operator} ${right})`);
  const test = fc
    .tuple(
      field,
      fc.constantFrom('like "a"', 'not like /^(a|\\d)+$/', 'in ["a", 1]', 'not in ["12"]'),
    )
    .map(([subject, rest]) => `(${subject} ${rest})`);
  const negation = tie('expression').map((inner) => `(not ${inner})`);
  return {
    expression: fc.oneof({ maxDepth: 3 }, field, literal, call, binary, test, negation),
  };
});

const aggregate = fc.oneof(
  fc.constantFrom('count()', 'count(*)'),
  fc
    .tuple(fc.constantFrom(...aggregateFunctions.values()), expression)
    .map(([{ name }, inner]) => (name === 'pct' ? `pct(${inner}, 90)` : `${name}(${inner})`)),
);

const command = fc.oneof(
  expression.map((inner) => `fields ${inner} as NAME`),
  expression.map((inner) => `filter ${inner}`),
  field.map((subject) => `parse ${subject} /(?<NAME>\\d+)?(x(?<NAMEb>y*))?/`),
  field.map((subject) => `parse ${subject} "*a*" as NAME, NAMEb`),
  field.map((key) => `sort ${key} desc`),
  field.map((subject) => `unnest ${subject} into NAME`),
  expression.map((inner) => `display ${inner}`),
  fc.tuple(aggregate, expression).map(([one, key]) => `stats ${one} as NAME by ${key} as NAMEk`),
  fc.constant('limit 5'),
);

const query = fc
  .tuple(fc.array(command, { minLength: 1, maxLength: 4 }), fc.option(field))
  .map(([commands, dedup]) => {
    const named = commands.map((text, at) => text.replaceAll('NAME', `name${at}`));
    const last = dedup === null ? [] : [`dedup ${dedup}`];
    return ['fields jsonParse(@message) as j', ...named, ...last].join(' | ');
  });

test('any query over any messages is answered, or refused with its position', async () => {
  const engine = await engineWith(messages);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(query, async (text) => {
      try {
        await run(engine, text);
        answered += 1;
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        expect(error.message).toMatch(/at line 1 and position \d+/);
        expect(error.span.start).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 90 },
  );
  expect(answered).toBeGreaterThan(15);
  engine.close();
});
