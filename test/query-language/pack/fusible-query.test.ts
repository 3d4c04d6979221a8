import { readFusibleQuery } from '../../../query-language/pack/fusible-query.ts';
import { candidateFilter } from '../../../query-language/pack/loose-literals.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';

const granted = 'fields @message | filter @message like /added to role/';

const filterOf = (query: string, logTypes?: readonly string[]) =>
  candidateFilter(readFusibleQuery(query), logTypes);

test('a single match needs no parentheses', () => {
  expect(filterOf(granted)).toBe('@message like /added to role/');
});

test('log types are added to the condition, in parentheses', () => {
  expect(filterOf(granted, ['Task', 'Worker'])).toBe(
    '(@message like /added to role/ and @log like /-(Task|Worker)$/)',
  );
});

test('an event must satisfy all filters of a detection', () => {
  const query = 'filter @message like "a" or @message like "b" | filter @log not like "x"';
  const read = readFusibleQuery(query);
  expect(filterOf(query)).toBe('((@message like "a" or @message like "b") and @log not like "x")');
  expect(read.condition).toEqual({
    and: [
      {
        or: [
          { field: 'message', contains: 'a' },
          { field: 'message', contains: 'b' },
        ],
      },
      { not: { field: 'log', contains: 'x' } },
    ],
  });
});

test('other commands only matter in the console', () => {
  const query = `fields @timestamp, @message | filter @message like /added to role/
    | parse @message /"(?<target>[^"]+)"/ | sort @timestamp desc | limit 5 | display target`;
  expect(filterOf(query)).toBe(filterOf(granted));
});

test.each([
  ['stats count() by @log', 'stats in a detection'],
  ['filter @message like "a" | dedup @log', 'dedup in a detection'],
  ['filter level = "error"', 'the field level'],
  ['filter @message like "a" and strlen(@message) > 3', 'a function or a duration'],
  ['fields strlen(@message) as n | filter @message like "a"', 'an alias'],
  ['parse @message /(?<a>x)/ | filter @message like "a"', 'a filter after parse'],
  ['filter @message like "a" | parse @log /(?<a>x)/', 'a parse of another field'],
  ['filter @message like "a" | parse @message "* x" as a', 'parse-glob in a detection'],
  ['fields @message', 'the detection has no filter'],
  ['filter @message like "a" | parse @message /(?<x>(?:b?)*)/', 'iterations can be empty'],
])('%s cannot run together with others: %s', (query, problem) => {
  expect(() => readFusibleQuery(query)).toThrow(QueryError);
  expect(() => readFusibleQuery(query)).toThrow(problem);
});

test('a refusal names line and position', () => {
  const query = 'fields @message\n| filter @message like "a"\n| stats count()';
  expect(() => readFusibleQuery(query)).toThrow('line 3 and position 3');
});
