import type { Expression } from './ast.ts';
import { verdictDifference } from './engine-difference.ts';
import { readRegexp } from './regexp.ts';
import { toJavaScriptRegExp } from './write-regexp.ts';

/** The two fields of an event that tell what it says and where it stands. */
export interface LoggedText {
  readonly message: string;
  readonly log: string;
}

export type EventCondition = (event: LoggedText) => boolean;

/** Makes a search for a regexp in a text; JavaScript's own goes back and forth in hostile ones. */
export type CompileSearch = (regexp: ReturnType<typeof readRegexp>) => (value: string) => boolean;

const inJavaScript: CompileSearch = (regexp) => {
  const compiled = toJavaScriptRegExp(regexp);
  return (value) => compiled.test(value);
};

/**
 * A filter as a function of an event, without an engine: `like` and its kin on @message and @log, joined
 * by and, or, not.
 *
 * @param text the query that the expression was parsed from
 * @returns undefined for a filter that uses more, or a regexp that JavaScript reads differently
 */
export function eventCondition(
  expression: Expression,
  text: string,
  compile: CompileSearch = inJavaScript,
): EventCondition | undefined {
  switch (expression.kind) {
    case 'binary': {
      const left = eventCondition(expression.left, text, compile);
      const right = eventCondition(expression.right, text, compile);
      if (left === undefined || right === undefined) return undefined;
      if (expression.operator === 'and') return (event) => left(event) && right(event);
      if (expression.operator === 'or') return (event) => left(event) || right(event);
      return undefined;
    }
    case 'unary': {
      const operand = eventCondition(expression.operand, text, compile);
      if (expression.operator !== 'not' || operand === undefined) return undefined;
      return (event) => !operand(event);
    }
    case 'match': {
      const { subject, pattern, negated } = expression;
      const read = subject.kind === 'field' ? readers[subject.name] : undefined;
      const finds =
        pattern.kind === 'string' ? containing(pattern.value) : search(pattern, text, compile);
      if (read === undefined || finds === undefined) return undefined;
      return (event) => finds(read(event)) !== negated;
    }
    default:
      return undefined;
  }
}

const readers: Readonly<Record<string, (event: LoggedText) => string>> = {
  '@message': ({ message }) => message,
  '@log': ({ log }) => log,
};

function containing(part: string) {
  return (value: string) => value.includes(part);
}

function search(pattern: Parameters<typeof readRegexp>[0], text: string, compile: CompileSearch) {
  const regexp = readRegexp(pattern, text);
  return verdictDifference(regexp) === undefined ? compile(regexp) : undefined;
}
