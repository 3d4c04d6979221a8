import { readRegexp } from '../regexp/parse-regexp.ts';
import type {
  BinaryOperator,
  CallExpression,
  DurationLiteral,
  Expression,
  FieldReference,
  NumberLiteral,
  RegexLiteral,
  Span,
  StringLiteral,
} from '../syntax/ast.ts';
import type { Cursor } from './cursor.ts';
import type { DurationToken, NumberToken, TextToken, WordToken } from './lexer.ts';

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

function fieldReference({ path, start, end }: WordToken): FieldReference {
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

/**
 * Parses an expression. Operators from the loosest to the tightest: or, and, not, comparisons (=,
 * !=, <, like, in …), + and -, * / and %, ^, unary minus. AWS documents no precedence; this is
 * SQL's. All binary operators are left-associative.
 */
export function parseExpression(cursor: Cursor): Expression {
  return cursor.nested(() => parseLeftChain(cursor, parseConjunction, orOperators));
}

const orOperators = new Map<string, BinaryOperator>([['or', 'or']]);
const andOperators = new Map<string, BinaryOperator>([['and', 'and']]);
const additiveOperators = new Map<string, BinaryOperator>([
  ['+', '+'],
  ['-', '-'],
]);
const multiplicativeOperators = new Map<string, BinaryOperator>([
  ['*', '*'],
  ['/', '/'],
  ['%', '%'],
]);
const powerOperators = new Map<string, BinaryOperator>([['^', '^']]);
const comparisonOperators = new Map<string, BinaryOperator>([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

function operatorHere(
  cursor: Cursor,
  operators: ReadonlyMap<string, BinaryOperator>,
): BinaryOperator | undefined {
  const { token } = cursor;
  if (token.kind === 'symbol') return operators.get(token.symbol);
  return token.kind === 'word' ? operators.get(token.keyword ?? '') : undefined;
}

function parseLeftChain(
  cursor: Cursor,
  parseOperand: (cursor: Cursor) => Expression,
  operators: ReadonlyMap<string, BinaryOperator>,
): Expression {
  let left = parseOperand(cursor);
  for (let operands = 2; ; operands += 1) {
    const operator = operatorHere(cursor, operators);
    if (operator === undefined) return left;
    checkLength(cursor, operands);
    cursor.advance();
    const right = parseOperand(cursor);
    left = { kind: 'binary', operator, left, right, span: spanOver(left, right) };
  }
}

/** The tree of `a + b + c …` is as deep as the chain is long. */
const maxOperands = 500;

function checkLength(cursor: Cursor, operands: number): void {
  if (operands > maxOperands) {
    throw cursor.failure(`more than ${maxOperands} operands in one chain`);
  }
}

function spanOver(left: Expression, right: Expression): Span {
  return { start: left.span.start, end: right.span.end };
}

function parseConjunction(cursor: Cursor): Expression {
  return parseLeftChain(cursor, parseNegation, andOperators);
}

function parseNegation(cursor: Cursor): Expression {
  const { start } = cursor.token;
  // `!a = b` is read as `!(a = b)`: for boolean values both readings are equivalent, and `!x like
  // "s"` has no other meaning.
  if (!cursor.acceptKeyword('not') && !cursor.acceptSymbol('!')) return parseComparison(cursor);
  const operand = cursor.nested(() => parseNegation(cursor));
  return { kind: 'unary', operator: 'not', operand, span: cursor.spanFrom(start) };
}

function parseComparison(cursor: Cursor): Expression {
  let left = parseSum(cursor);
  for (let operands = 2; ; operands += 1) {
    checkLength(cursor, operands);
    const operator = operatorHere(cursor, comparisonOperators);
    if (operator !== undefined) {
      cursor.advance();
      const right = parseSum(cursor);
      left = { kind: 'binary', operator, left, right, span: spanOver(left, right) };
      continue;
    }
    const tested = parseTest(cursor, left);
    if (tested === undefined) return left;
    left = tested;
  }
}

/** `like`, `=~`, `~=` and `in`; the words optionally with `not` before them. */
function parseTest(cursor: Cursor, subject: Expression): Expression | undefined {
  const negated = cursor.acceptKeyword('not');
  const { start } = subject.span;
  if (cursor.acceptKeyword('in')) {
    const values = parseList(cursor);
    return { kind: 'in', negated, subject, values, span: cursor.spanFrom(start) };
  }
  if (cursor.isKeyword('like') || (!negated && (cursor.isSymbol('=~') || cursor.isSymbol('~=')))) {
    cursor.advance();
    const pattern = parsePattern(cursor);
    return { kind: 'match', negated, subject, pattern, span: cursor.spanFrom(start) };
  }
  if (negated) throw cursor.unexpected('expected like or in');
  return undefined;
}

function parsePattern(cursor: Cursor): StringLiteral | RegexLiteral {
  const { token } = cursor;
  if (cursor.isSymbol('/')) {
    const regex = cursor.readRegex();
    // Reading it rejects constructs that the engines do not share.
    readRegexp(regex, cursor.text);
    return regex;
  }
  if (token.kind !== 'string') throw cursor.unexpected('expected a string or a regexp');
  cursor.advance();
  return { kind: 'string', value: token.value, span: { start: token.start, end: token.end } };
}

function parseList(cursor: Cursor): readonly Expression[] {
  if (cursor.isSymbol('(')) {
    throw cursor.failure('a list needs square brackets, and subqueries are not supported here');
  }
  cursor.expectSymbol('[');
  const values = [parseExpression(cursor)];
  while (cursor.acceptSymbol(',')) values.push(parseExpression(cursor));
  cursor.expectSymbol(']');
  return values;
}

function parseSum(cursor: Cursor): Expression {
  return parseLeftChain(cursor, parseProduct, additiveOperators);
}

function parseProduct(cursor: Cursor): Expression {
  return parseLeftChain(cursor, parsePower, multiplicativeOperators);
}

function parsePower(cursor: Cursor): Expression {
  return parseLeftChain(cursor, parseSigned, powerOperators);
}

function parseSigned(cursor: Cursor): Expression {
  const { start } = cursor.token;
  const operator = cursor.isSymbol('-') ? '-' : cursor.isSymbol('!') ? 'not' : undefined;
  if (operator === undefined) return parsePrimary(cursor);
  cursor.advance();
  const operand = cursor.nested(() => parseSigned(cursor));
  return { kind: 'unary', operator, operand, span: cursor.spanFrom(start) };
}
