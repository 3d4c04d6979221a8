import { eventCondition } from '../../../query-language/pack/event-condition.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';

function conditionOf(filter: string) {
  const query = parseQuery(`filter ${filter}`);
  const [command] = query.commands;
  if (command?.kind !== 'filter') throw new Error('not a filter');
  return eventCondition(query, command.condition);
}

const message = 'message' as const;

test.each([
  ['@message like "a"', { field: message, contains: 'a' }],
  ['@log not like "a"', { not: { field: 'log', contains: 'a' } }],
  ['@message like /a\\/b$/', { field: message, like: 'a\\/b(?:\\n?\\z)', anchors: ['a/b'] }],
  ['@message =~ /(?i)k\\d/', { field: message, like: '[Kk\\x{212a}][0-9]' }],
  ['@logStream = "a"', { field: 'logStream', equals: 'a' }],
  ['"a" = @message', { field: message, equals: 'a' }],
  ['@message != "a"', { not: { field: message, equals: 'a' } }],
  ['@message < "a"', { field: message, below: 'a' }],
  ['@message <= "a"', { not: { field: message, above: 'a' } }],
  ['@message > "a"', { field: message, above: 'a' }],
  ['@message >= "a"', { not: { field: message, below: 'a' } }],
  ['"a" < @message', { field: message, above: 'a' }],
  ['"a" >= @message', { not: { field: message, above: 'a' } }],
  [
    '@message in ["a", "b"]',
    {
      or: [
        { field: message, equals: 'a' },
        { field: message, equals: 'b' },
      ],
    },
  ],
  ['@message not in ["a"]', { not: { or: [{ field: message, equals: 'a' }] } }],
  ['not (@message = "a")', { not: { field: message, equals: 'a' } }],
  [
    '@message = "a" and @message = "b" and @message = "c"',
    { and: ['a', 'b', 'c'].map((equals) => ({ field: message, equals })) },
  ],
  [
    '@message = "a" or @message = "b" and @message = "c"',
    {
      or: [
        { field: message, equals: 'a' },
        { and: ['b', 'c'].map((equals) => ({ field: message, equals })) },
      ],
    },
  ],
])('%s', (filter, expected) => {
  expect(conditionOf(filter)).toEqual(expected);
});

test.each([
  ['level = "error"', 'the field level', 8],
  ['@timestamp > "2026"', 'the field @timestamp', 8],
  ['@message = "a" and @timestamp - 5 > 3', 'arithmetic', 27],
  ['-@message', 'arithmetic', 8],
  ['@message = 5', 'a number', 19],
  ['@message > "5"', 'the order of values that may be numbers', 8],
  ['@message in ["a", 5]', 'a number', 26],
  ['@message = @log', 'the field @log', 19],
  ['"a" = "b"', 'a text by itself', 14],
  ['@message', 'the field @message', 8],
  ['"a"', 'a text by itself', 8],
  ['strlen(@message) > 3', 'a function or a duration', 8],
  ['(@message like "a") = 1', 'a condition inside a comparison', 8],
  ['(@message = "a") in ["a"]', 'a condition inside a comparison', 8],
])('%s is refused with its position: %s', (filter, problem, position) => {
  expect(() => conditionOf(filter)).toThrow(QueryError);
  expect(() => conditionOf(filter)).toThrow(
    `${problem} cannot be decided from a single event at line 1 and position ${position}: a filter compares`,
  );
});

test('a chain of thousands is read', () => {
  const chain = Array.from({ length: 300 }, (_, at) => `@message = "${at}x"`).join(' or ');
  expect(conditionOf(chain)).toMatchObject({ or: { length: 300 } });
});
