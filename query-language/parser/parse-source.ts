import type { SourceCommand, StringLiteral } from '../syntax/ast.ts';
import type { Cursor } from './cursor.ts';
import { stringLiteral } from './parse-primary.ts';

type Times = { startEpochMs?: number; endEpochMs?: number };

/**
 * `SOURCE 'group' [START=ms END=ms] | SOURCE 'group' …` at the beginning of a query, as dashboards
 * and DescribeQueries write it; undefined if there is none. A command must follow.
 */
export function parseSources(cursor: Cursor): SourceCommand | undefined {
  if (!cursor.isKeyword('source')) return undefined;
  const { start } = cursor.token;
  const logGroups: StringLiteral[] = [];
  const times: Times = {};
  let end = start;
  while (cursor.acceptKeyword('source')) {
    logGroups.push(parseLogGroup(cursor));
    parseTimes(cursor, times);
    end = cursor.previousEnd;
    cursor.expectSymbol('|');
  }
  return { kind: 'source', logGroups, ...times, span: { start, end } };
}

function parseLogGroup(cursor: Cursor): StringLiteral {
  const { token } = cursor;
  if (token.kind === 'string') {
    cursor.advance();
    return stringLiteral(token);
  }
  if (token.kind === 'word') {
    const name = cursor.text.slice(token.start, token.end);
    throw cursor.failure(
      `SOURCE ${name} is not supported here`,
      "name the log groups: SOURCE 'group' | SOURCE 'group'",
    );
  }
  throw cursor.unexpected('expected the name of a log group in quotes');
}

function parseTimes(cursor: Cursor, times: Times): void {
  for (;;) {
    const name = cursor.isKeyword('start')
      ? 'startEpochMs'
      : cursor.isKeyword('end')
        ? 'endEpochMs'
        : undefined;
    if (name === undefined) return;
    if (times[name] !== undefined) throw cursor.unexpected('it is given twice');
    cursor.advance();
    cursor.expectSymbol('=');
    const { token } = cursor;
    if (token.kind !== 'number' || !Number.isSafeInteger(token.value)) {
      throw cursor.unexpected('expected a time in epoch milliseconds');
    }
    times[name] = token.value;
    cursor.advance();
  }
}
