import { readRegexp } from '../regexp/parse-regexp.ts';
import type {
  Command,
  DedupCommand,
  Expression,
  LimitCommand,
  Name,
  ParseGlobCommand,
  ParseRegexCommand,
  Projection,
  RegexLiteral,
  SortCommand,
  SortKey,
  StatsCommand,
  StringLiteral,
  UnnestCommand,
} from '../syntax/ast.ts';
import { type QueryError, quoteBriefly } from '../syntax/query-error.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, parseField, parsePrimary, stringLiteral } from './parse-expression.ts';

/** The commands that the parser supports, as listed in messages. */
const supportedCommands = [
  'SOURCE',
  'fields',
  'filter',
  'where',
  'parse',
  'stats',
  'sort',
  'order by',
  'limit',
  'head',
  'tail',
  'display',
  'dedup',
  'unnest',
] as const;

/** Other commands of Logs Insights, in lower case: refused as not supported, not as unknown. */
const unsupportedCommands: ReadonlySet<string> = new Set([
  'accum',
  'addtotals',
  'anomaly',
  'appendcols',
  'autoregress',
  'cidrlookup',
  'countfrequent',
  'estimate',
  'expand',
  'filldown',
  'fillmissing',
  'filterindex',
  'join',
  'json',
  'logcompare',
  'lookup',
  'outlier',
  'pattern',
  'relevantfields',
  'search',
  'sessionize',
  'unmask',
]);

/** A hint for messages about unsupported commands. */
const supportedHint = `the supported commands are ${supportedCommands.join(', ')}`;

/** `parse [subject] "a * b" as x` or `parse [subject] /(?<x>…)/`. */
function parseExtraction(cursor: Cursor, start: number): Command {
  const subject = parseSubject(cursor);
  if (cursor.isSymbol('/')) return parseRegexExtraction(cursor, start, subject);
  const { token } = cursor;
  if (token.kind === 'string') {
    cursor.advance();
    return parseGlobExtraction(cursor, start, subject, stringLiteral(token));
  }
  if (token.kind === 'word' && unsupportedForms.has(token.keyword ?? '')) {
    throw cursor.failure(
      `parse … ${token.keyword} is not supported here`,
      'parse takes a "pattern with *" or a /regexp with named groups/',
    );
  }
  throw cursor.unexpected('expected a pattern in quotes or a regexp');
}

const unsupportedForms = new Set(['logfmt', 'csv', 'json', 'xml', 'multi']);

/** The default subject is `@message`, with an empty span at its place. */
function parseSubject(cursor: Cursor): Expression {
  const { start, kind } = cursor.token;
  if (kind !== 'string' && !cursor.isSymbol('/')) return parsePrimary(cursor);
  return { kind: 'field', name: '@message', path: ['@message'], span: { start, end: start } };
}

function parseGlobExtraction(
  cursor: Cursor,
  start: number,
  subject: Expression,
  pattern: StringLiteral,
): ParseGlobCommand {
  if (pattern.value === '') throw cursor.failure('empty pattern', undefined, pattern.span);
  const names = parseNames(cursor);
  // A pattern without a star is a mark: its one name says whether the text is present.
  const stars = pattern.value.split('*').length - 1;
  if (names.length !== Math.max(stars, 1)) {
    throw cursor.failure(
      `the number of * (${stars}) and of names (${names.length}) differ`,
      'each * needs one name after as',
      pattern.span,
    );
  }
  const span = cursor.spanFrom(start);
  return { kind: 'parse-glob', subject, pattern, names, span };
}

function parseRegexExtraction(
  cursor: Cursor,
  start: number,
  subject: Expression,
): ParseRegexCommand {
  const pattern = cursor.readRegex();
  const given = parseNames(cursor);
  if (cursor.isKeyword('multi')) {
    throw cursor.failure('parse … multi is not supported here', 'each event stays one row');
  }
  const { names, groups } = nameGroups(cursor, pattern, given);
  const span = cursor.spanFrom(start);
  return { kind: 'parse-regex', subject, pattern, names, groups, span };
}

/** The capturing groups that become fields: the named groups, or with `as` one group per name. */
function nameGroups(cursor: Cursor, pattern: RegexLiteral, given: readonly Name[]) {
  const regexp = readRegexp(pattern, cursor.text);
  const named = regexp.groups.filter((group) => group.name !== undefined);
  const captured = named.length > 0 ? named : regexp.groups;
  const groups = captured.map((group) => group.number);
  if (given.length > 0) {
    if (given.length === captured.length) return { names: given, groups };
    throw cursor.failure(
      `the number of groups (${captured.length}) and of names (${given.length}) differ`,
      'each group needs one name after as',
      pattern.span,
    );
  }
  const names = named.flatMap(({ name, span }) => (name === undefined ? [] : [{ name, span }]));
  if (names.length > 0) return { names, groups };
  throw cursor.failure('the regexp has no named group', 'write (?<name>…)', pattern.span);
}

/** Names after `as`; the word is optional because deployed queries omit it. */
function parseNames(cursor: Cursor): readonly Name[] {
  const announced = cursor.acceptKeyword('as');
  if (!announced && (cursor.token.kind !== 'word' || cursor.isKeyword('multi'))) return [];
  const names = [cursor.readName()];
  while (cursor.acceptSymbol(',')) names.push(cursor.readName());
  return names;
}

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
