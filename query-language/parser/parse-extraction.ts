import { readRegexp } from '../regexp/regexp.ts';
import type {
  Command,
  Expression,
  Name,
  ParseGlobCommand,
  ParseRegexCommand,
  RegexLiteral,
  StringLiteral,
} from '../syntax/ast.ts';
import type { Cursor } from './cursor.ts';
import { parsePrimary, stringLiteral } from './parse-primary.ts';

/** `parse [subject] "a * b" as x` or `parse [subject] /(?<x>…)/`. */
export function parseExtraction(cursor: Cursor, start: number): Command {
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
