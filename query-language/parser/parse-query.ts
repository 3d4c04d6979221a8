import type { Command, Query } from '../syntax/ast.ts';
import { errorAt } from '../syntax/position.ts';
import { Cursor } from './cursor.ts';
import { parseCommand } from './parse-commands.ts';
import { parseSources } from './parse-source.ts';

/** StartQuery's limit for the text. */
export const maxQueryCharacters = 10_000;

/** Maximum number of stats commands in a query. */
export const maxStatsCommands = 10;

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
export function parseQuery(text: string): Query {
  if (text.length > maxQueryCharacters) {
    const problem = `the query is longer than ${maxQueryCharacters} characters`;
    throw errorAt(text, { start: maxQueryCharacters, end: text.length }, problem);
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
