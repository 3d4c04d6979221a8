import type { Command, Query, SourceCommand, StringLiteral } from '../syntax/ast.ts';
import { errorAt } from '../syntax/query-error.ts';
import { Cursor } from './cursor.ts';
import { parseCommand } from './parse-commands.ts';
import { stringLiteral } from './parse-expression.ts';

type Times = { startEpochMs?: number; endEpochMs?: number };

/**
 * `SOURCE 'group' [START=ms END=ms] | SOURCE 'group' …` at the beginning of a query, as dashboards
 * and DescribeQueries write it; undefined if there is none. A command must follow.
 */
function parseSources(cursor: Cursor): SourceCommand | undefined {
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

/** StartQuery's limit for the text. */
export const maxQueryCharacters = 10_000;

/** Maximum number of stats commands in a query. */
const maxStatsCommands = 10;

/**
 * Reads a query of CloudWatch Logs Insights: SOURCE, fields, filter (where), parse, stats, sort
 * (order by), limit (head, tail), display, dedup, unnest, and comments. A pipe before the first
 * command is allowed.
 *
 * Does not check which functions and fields exist, or whether a name is defined twice.
 *
 * @throws QueryError for text that Logs Insights refuses, in its words where they are known, and
 *   for text that this parser does not support; the message names line and position, both from 1.
 */
export function parseQuery(text: string, charactersMax = maxQueryCharacters): Query {
  if (text.length > charactersMax) {
    const problem = `the query is longer than ${charactersMax} characters`;
    throw errorAt(text, { start: charactersMax, end: text.length }, problem);
  }
  const cursor = new Cursor(text);
  cursor.acceptSymbol('|');
  const commands: Command[] = [];
  const sources = parseSources(cursor);
  if (sources !== undefined) commands.push(sources);
  do {
    const before = commands.at(-1);
    // AWS: only limit may follow dedup.
    if (before?.kind === 'dedup' && !cursor.isKeyword('limit')) {
      throw cursor.unexpected('after dedup only limit can follow');
    }
    commands.push(parseCommand(cursor));
    checkStatsCount(cursor, commands);
  } while (cursor.acceptSymbol('|'));
  if (cursor.token.kind !== 'end') throw cursor.unexpected();
  return { text, commands };
}

function checkStatsCount(cursor: Cursor, commands: readonly Command[]): void {
  const last = commands.at(-1);
  if (last?.kind !== 'stats') return;
  if (commands.filter((command) => command.kind === 'stats').length > maxStatsCommands) {
    const problem = `a query can have at most ${maxStatsCommands} stats commands`;
    throw cursor.failure(problem, undefined, last.span);
  }
}
