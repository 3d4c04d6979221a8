import type {
  Command,
  DedupCommand,
  Expression,
  LimitCommand,
  Projection,
  SortCommand,
  SortKey,
  StatsCommand,
  UnnestCommand,
} from '../syntax/ast.ts';
import { quoteBriefly } from '../syntax/position.ts';
import type { QueryError } from '../syntax/query-error.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseExtraction } from './parse-extraction.ts';
import { parseField } from './parse-primary.ts';
import { supportedCommands, supportedHint, unsupportedCommands } from './supported-commands.ts';

/** Maximum number of result rows: GetQueryResults pages through at most 100,000. */
const maxLimit = 100_000;

/** Parses one command after SOURCE, from its keyword up to the pipe. */
export function parseCommand(cursor: Cursor): Command {
  const { token } = cursor;
  const { start } = token;
  const keyword = token.kind === 'word' ? token.keyword : undefined;
  const parse = keyword === undefined ? undefined : commandParsers.get(keyword);
  if (parse === undefined) throw refusedCommand(cursor, keyword);
  cursor.advance();
  return parse(cursor, start);
}

const commandParsers = new Map<string, (cursor: Cursor, start: number) => Command>([
  ['fields', (cursor, start) => parseFields(cursor, start, 'fields')],
  ['display', (cursor, start) => parseFields(cursor, start, 'display')],
  ['filter', parseFilter],
  ['where', parseFilter],
  ['parse', parseExtraction],
  ['stats', parseStats],
  ['sort', parseSort],
  ['order', parseSort],
  ['limit', parseLimit],
  ['head', parseLimit],
  ['tail', parseLimit],
  ['dedup', parseDedup],
  ['unnest', parseUnnest],
]);

function refusedCommand(cursor: Cursor, keyword: string | undefined): QueryError {
  const { start, end, kind } = cursor.token;
  const found = kind === 'end' ? '<EOF>' : cursor.text.slice(start, end);
  if (keyword === 'source') {
    return cursor.unexpected('SOURCE is only allowed at the beginning of a query');
  }
  // A diff after a pattern does not get here: pattern is refused first.
  if (keyword === 'diff') {
    return cursor.failure(
      'Diff compilation Failed : Diff operation has to be used after Pattern',
      `neither is supported here; ${supportedHint}`,
    );
  }
  if (unsupportedCommands.has(keyword ?? '')) {
    return cursor.failure(`the command ${found} is not supported here`, supportedHint);
  }
  const expected = supportedCommands.join(', ');
  return cursor.failure(`mismatched input '${quoteBriefly(found)}' expecting {${expected}}`);
}

function parseFields(cursor: Cursor, start: number, kind: 'fields' | 'display'): Command {
  const items = parseProjections(cursor, { trailingComma: true });
  return { kind, items, span: cursor.spanFrom(start) };
}

function parseProjections(
  cursor: Cursor,
  { trailingComma }: { readonly trailingComma: boolean },
): readonly Projection[] {
  const items = [parseProjection(cursor)];
  while (cursor.acceptSymbol(',')) {
    // Deployed queries end a list of fields with a comma.
    if (trailingComma && (cursor.isSymbol('|') || cursor.token.kind === 'end')) break;
    items.push(parseProjection(cursor));
  }
  return items;
}

function parseProjection(cursor: Cursor): Projection {
  const expression = parseExpression(cursor);
  const { start } = expression.span;
  if (cursor.acceptKeyword('as')) {
    const alias = cursor.readName();
    return { expression, alias, columnName: alias.name, span: cursor.spanFrom(start) };
  }
  return { expression, columnName: columnName(cursor, expression), span: expression.span };
}

function columnName(cursor: Cursor, expression: Expression): string {
  if (expression.kind === 'field') return expression.name;
  return cursor.text.slice(expression.span.start, expression.span.end);
}

function parseFilter(cursor: Cursor, start: number): Command {
  const condition = parseExpression(cursor);
  return { kind: 'filter', condition, span: cursor.spanFrom(start) };
}

function parseStats(cursor: Cursor, start: number): StatsCommand {
  const aggregates = parseProjections(cursor, { trailingComma: false });
  const by = cursor.acceptKeyword('by') ? parseProjections(cursor, { trailingComma: false }) : [];
  return { kind: 'stats', aggregates, by, span: cursor.spanFrom(start) };
}

/** `sort`, `sort by`, `order by`. Keys are names only: AWS refuses `sort bin(5m)`. */
function parseSort(cursor: Cursor, start: number): SortCommand {
  cursor.acceptKeyword('by');
  const keys: SortKey[] = [];
  do {
    const expression = parseField(cursor);
    const descending = cursor.acceptKeyword('desc');
    if (!descending) cursor.acceptKeyword('asc');
    keys.push({ expression, descending, span: cursor.spanFrom(expression.span.start) });
  } while (cursor.acceptSymbol(','));
  return { kind: 'sort', keys, span: cursor.spanFrom(start) };
}

function parseLimit(cursor: Cursor, start: number): LimitCommand {
  const any = cursor.acceptKeyword('any');
  const { token } = cursor;
  if (token.kind !== 'number' || !Number.isInteger(token.value)) {
    throw cursor.unexpected('expected a whole number of rows');
  }
  if (token.value < 1 || token.value > maxLimit) {
    throw cursor.unexpected(`a limit is between 1 and ${maxLimit}`);
  }
  cursor.advance();
  return { kind: 'limit', count: token.value, any, span: cursor.spanFrom(start) };
}

function parseDedup(cursor: Cursor, start: number): DedupCommand {
  const fields = [parseField(cursor)];
  while (cursor.acceptSymbol(',')) fields.push(parseField(cursor));
  return { kind: 'dedup', fields, span: cursor.spanFrom(start) };
}

function parseUnnest(cursor: Cursor, start: number): UnnestCommand {
  const subject = parseField(cursor);
  cursor.expectKeyword('into');
  const into = cursor.readName();
  return { kind: 'unnest', subject, into, span: cursor.spanFrom(start) };
}
