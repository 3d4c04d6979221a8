import type {
  CallExpression,
  DurationLiteral,
  Expression,
  FieldReference,
  NumberLiteral,
  StringLiteral,
} from '../syntax/ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import type { DurationToken, NumberToken, TextToken, WordToken } from './token.ts';

/** An operand: a literal, a field, a call with its members, an expression in parentheses. */
export function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor;
  switch (token.kind) {
    case 'string':
      cursor.advance();
      return stringLiteral(token);
    case 'number':
      cursor.advance();
      return numberLiteral(cursor, token);
    case 'duration':
      return parseDuration(cursor, token);
    case 'word':
      return parseFieldOrCall(cursor);
    case 'symbol':
      if (token.symbol === '(') return parseGroup(cursor);
      // The text after the slash of a misplaced regexp is often not a token; AWS names that text.
      if (token.symbol === '/') {
        const misplaced = cursor.unexpected(
          'a regexp is only allowed after like, =~, ~= or in parse',
        );
        cursor.advance();
        throw misplaced;
      }
  }
  throw cursor.unexpected('expected a field, a value or a function');
}

export function stringLiteral({ value, start, end }: TextToken): StringLiteral {
  return { kind: 'string', value, span: { start, end } };
}

function numberLiteral(cursor: Cursor, { value, start, end }: NumberToken): NumberLiteral {
  return { kind: 'number', value, text: cursor.text.slice(start, end), span: { start, end } };
}

function parseGroup(cursor: Cursor): Expression {
  const { start } = cursor.token;
  cursor.advance();
  const inner = parseExpression(cursor);
  cursor.expectSymbol(')');
  return { ...inner, span: cursor.spanFrom(start) };
}

export function fieldReference({ path, start, end }: WordToken): FieldReference {
  return { kind: 'field', name: path.join('.'), path, span: { start, end } };
}

/** A field's name. */
export function parseField(cursor: Cursor): FieldReference {
  return fieldReference(cursor.expectWord('expected the name of a field'));
}

function parseFieldOrCall(cursor: Cursor): Expression {
  const token = cursor.expectWord('expected a field, a value or a function');
  if (token.keyword === undefined || !cursor.isSymbol('(')) return fieldReference(token);
  const call = parseCall(cursor, token.keyword, token.start);
  if (!cursor.isSymbol('.') || cursor.token.start !== call.span.end) return call;
  const path = cursor.readMembers();
  return { kind: 'member', object: call, path, span: cursor.spanFrom(token.start) };
}

/** Parses a call from its opening parenthesis; the parser does not know which functions exist. */
function parseCall(cursor: Cursor, name: string, start: number): CallExpression {
  cursor.expectSymbol('(');
  const star = cursor.acceptSymbol('*');
  const args: Expression[] = [];
  if (!star && !cursor.isSymbol(')')) {
    do args.push(parseExpression(cursor));
    while (cursor.acceptSymbol(','));
  }
  let offset = parseOffset(cursor, name);
  cursor.expectSymbol(')');
  offset ??= parseOffset(cursor, name);
  const call = { kind: 'call', name, arguments: args, star, span: cursor.spanFrom(start) } as const;
  return offset === undefined ? call : { ...call, offset };
}

const functionsWithOffset = new Set(['bin', 'datefloor', 'dateceil']);

/** `offset 15m`, inside the parentheses of a time function or right after them. */
function parseOffset(cursor: Cursor, functionName: string): DurationLiteral | undefined {
  if (!functionsWithOffset.has(functionName) || !cursor.acceptKeyword('offset')) return undefined;
  const { token } = cursor;
  if (token.kind !== 'duration') throw cursor.unexpected('expected a duration such as 15m');
  return parseDuration(cursor, token);
}

const durationUnits = new Set([
  ...[
    'ms',
    'msec',
    'msecs',
    'millisecond',
    'milliseconds',
    's',
    'sec',
    'secs',
    'second',
    'seconds',
  ],
  ...[
    'm',
    'min',
    'mins',
    'minute',
    'minutes',
    'h',
    'hr',
    'hrs',
    'hour',
    'hours',
    'd',
    'day',
    'days',
  ],
  ...['w', 'week', 'weeks', 'mo', 'mon', 'mons', 'month', 'months'],
  ...['q', 'qtr', 'qtrs', 'quarter', 'quarters', 'y', 'yr', 'yrs', 'year', 'years'],
]);

function parseDuration(
  cursor: Cursor,
  { amount, unit, start, end }: DurationToken,
): DurationLiteral {
  if (!durationUnits.has(unit)) {
    throw cursor.unexpected('the units of time are ms, s, m, h, d, w, mo, q and y');
  }
  if (!Number.isInteger(amount) || amount < 1) {
    throw cursor.unexpected('a period is a whole number of units, at least 1');
  }
  cursor.advance();
  return { kind: 'duration', amount, unit, span: { start, end } };
}
