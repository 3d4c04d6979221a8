import type { LinearRegexp } from '../../../lambda/regexp/linear-regexp.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { readRegexp } from '../../../query-language/regexp/parse-regexp.ts';
import { toJavaScriptRegExp, toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import type { Expression, Query, RegexLiteral } from '../../../query-language/syntax/ast.ts';
import { linearRegexp } from '../../regexp-programs.ts';
import type { LogLine } from '../log-line.ts';

/** A query text as Logs Insights understands it, for the queries that the monitor sends. */
export interface QueryText {
  readonly fields: readonly string[];
  /** Rows that it asks for itself. @default as many as StartQuery is asked for */
  readonly limit: number | undefined;
  finds(line: LogLine): boolean;
}

type Filter = (line: LogLine) => boolean;

const known = new Map<string, QueryText>();

/**
 * Decides by the text alone, without any knowledge of the function about it.
 *
 * @throws QueryError for an invalid text
 */
export function readQueryText(text: string): QueryText {
  const before = known.get(text);
  if (before !== undefined) return before;
  const query = parseQuery(text);
  const filters = query.commands.flatMap((command) =>
    command.kind === 'filter' ? [filterOf(query, command.condition)] : [],
  );
  const limits = query.commands.flatMap((command) =>
    command.kind === 'limit' ? [command.count] : [],
  );
  const read: QueryText = {
    fields: query.commands.flatMap((command) =>
      command.kind === 'fields'
        ? command.items.map(({ expression: { span } }) => text.slice(span.start, span.end))
        : [],
    ),
    limit: limits[0],
    finds: (line) => filters.every((filter) => filter(line)),
  };
  known.set(text, read);
  return read;
}

function filterOf(query: Query, expression: Expression): Filter {
  switch (expression.kind) {
    case 'binary': {
      const { operator } = expression;
      if (operator !== 'and' && operator !== 'or') break;
      const left = filterOf(query, expression.left);
      const right = filterOf(query, expression.right);
      return operator === 'and'
        ? (line) => left(line) && right(line)
        : (line) => left(line) || right(line);
    }
    case 'unary': {
      if (expression.operator !== 'not') break;
      const operand = filterOf(query, expression.operand);
      return (line) => !operand(line);
    }
    case 'match': {
      const { subject, pattern, negated } = expression;
      const read = subject.kind === 'field' ? readers[subject.name] : undefined;
      if (read === undefined) break;
      const finds = pattern.kind === 'string' ? containing(pattern.value) : search(query, pattern);
      return (line) => finds(read(line), line) !== negated;
    }
  }
  throw new Error(`a simulated query cannot be filtered by ${expression.kind}`);
}

const readers: Readonly<Record<string, (line: LogLine) => string>> = {
  '@message': ({ message }) => message,
  '@log': ({ logGroup }) => `123456789012:${logGroup}`,
  '@logStream': ({ logStream }) => logStream,
};

function containing(part: string) {
  return (value: string) => value.includes(part);
}

/** One search per regexp, because many texts share them. */
const searches = new Map<string, (value: string, line: LogLine) => boolean>();

function search(query: Query, pattern: RegexLiteral): (value: string, line: LogLine) => boolean {
  const regexp = readRegexp(pattern, query.text);
  const source = toRe2(regexp);
  const before = searches.get(source);
  if (before !== undefined) return before;
  const quick = toJavaScriptRegExp(regexp);
  let linear: LinearRegexp | undefined;
  const found = new WeakMap<LogLine, Map<string, boolean>>();
  const finds = (value: string, line: LogLine) => {
    const values = found.get(line) ?? new Map<string, boolean>();
    found.set(line, values);
    const decided = values.get(value);
    if (decided !== undefined) return decided;
    // Hostile lines make JavaScript's own search backtrack without end.
    if (line.hostile !== undefined) linear ??= linearRegexp(source);
    const result = line.hostile === undefined ? quick.test(value) : linear?.test(value) === true;
    values.set(value, result);
    return result;
  };
  searches.set(source, finds);
  return finds;
}
