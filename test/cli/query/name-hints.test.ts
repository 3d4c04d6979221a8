import { fieldHints, nameHint } from '../../../cli/query/name-hints.ts';
import type { EngineResult } from '../../../local/insights-engine/engine-types.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';

function hintsOf(query: string, rows: EngineResult['rows'] = [], recordsMatched = rows.length) {
  const statistics = { recordsMatched, recordsScanned: 9, bytesScanned: 1, logGroupsScanned: 1 };
  return fieldHints(parseQuery(query), { rows, statistics });
}

test.each([
  ['fields @mesage', ['no event has the field @mesage (did you mean @message?)']],
  [
    'filter @logstream like "x" | stats count()',
    ['no event has the field @logstream (did you mean @logStream?)'],
  ],
  ['fields @requestId', ['no event has the field @requestId']],
  ['filter message like "x"', ['no event has the field message (did you mean @message?)']],
  ['stats count() by logStream', ['no event has the field logStream (did you mean @logStream?)']],
])('%s: a field that no event has is named', (query, hints) => {
  expect(hintsOf(query)).toEqual(hints);
});

test.each([
  'fields @timestamp, @ingestionTime, @message, @logStream, @log, @ptr',
  'parse @message "* *" as @first, second | fields second | sort @first',
  'fields strlen(@message) as @length | filter @length > 3',
  'fields level, a.b.c | filter level = "x"',
  'stats count(*) as @n by bin(5m) | sort @n',
  'fields @@type',
])('%s: nothing is said of fields that exist, are defined or are discovered', (query) => {
  expect(hintsOf(query)).toEqual([]);
});

test('nothing is said of a JSON field with a value, or of one that a filter matched', () => {
  expect(hintsOf('fields message', [[{ field: 'message', value: 'x' }]])).toEqual([]);
  expect(
    hintsOf('filter message like "x" | fields @log', [[{ field: '@log', value: 'x' }]]),
  ).toEqual([]);
});

test('a misspelt command is compared with the commands', () => {
  let error: unknown;
  try {
    parseQuery('fields @log | fliter @log like "x"');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(QueryError);
  expect(nameHint('fields @log | fliter @log like "x"', error as QueryError)).toBe(
    ' (did you mean filter?)',
  );
});
