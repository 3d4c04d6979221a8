import type { Expression, Query, RegexLiteral } from '../../query-language/syntax/ast.ts';
import { errorAt } from '../../query-language/syntax/query-error.ts';
import { placeOfTooLongText } from './sql/failures.ts';
import { re2Of } from './sql/patterns.ts';
import { sqlString } from './sql/values.ts';
import type { EventStore } from './store.ts';

/**
 * The error to throw when DuckDB rejects a translated query: a QueryError when the query is the
 * cause, such as a regexp too large for RE2; otherwise an error that reports a fault of the engine.
 */
export async function explainFailure(
  error: unknown,
  query: Query,
  store: EventStore,
): Promise<Error> {
  const place = placeOfTooLongText(messageOf(error));
  if (place !== undefined && place.end <= query.text.length) {
    const problem = 'the replacement makes a text of an event more than twice as long';
    return errorAt(query.text, place, problem);
  }
  for (const regexp of regexpsOf(query)) {
    const refusal = await refusalOf(regexp, query.text, store);
    if (refusal !== undefined) {
      return errorAt(query.text, regexp.span, `the regexp is refused (${refusal})`);
    }
  }
  return new Error('the engine failed on a query that it should have refused or answered', {
    cause: error,
  });
}

async function refusalOf(
  regexp: RegexLiteral,
  text: string,
  store: EventStore,
): Promise<string | undefined> {
  try {
    await store.rows(`SELECT regexp_matches('', ${sqlString(re2Of(regexp, text))})`);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** DuckDB's errors are native: in a separate VM context they are not instances of its Error. */
function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return String(hasMessage ? error.message : error);
}

/** Every regexp in a query. */
function regexpsOf({ commands }: Query): readonly RegexLiteral[] {
  return commands.flatMap((command): readonly RegexLiteral[] => {
    switch (command.kind) {
      case 'filter':
        return regexpsIn(command.condition);
      case 'parse-regex':
        return [command.pattern, ...regexpsIn(command.subject)];
      case 'parse-glob':
        return regexpsIn(command.subject);
      case 'fields':
      case 'display':
        return command.items.flatMap(({ expression }) => regexpsIn(expression));
      case 'stats':
        return [...command.aggregates, ...command.by].flatMap(({ expression }) =>
          regexpsIn(expression),
        );
      case 'sort':
        return command.keys.flatMap(({ expression }) => regexpsIn(expression));
      default:
        return [];
    }
  });
}

function regexpsIn(expression: Expression): readonly RegexLiteral[] {
  switch (expression.kind) {
    case 'match':
      return [
        ...regexpsIn(expression.subject),
        ...(expression.pattern.kind === 'regex' ? [expression.pattern] : []),
      ];
    case 'unary':
      return regexpsIn(expression.operand);
    case 'binary':
      return [...regexpsIn(expression.left), ...regexpsIn(expression.right)];
    case 'in':
      return [expression.subject, ...expression.values].flatMap(regexpsIn);
    case 'call':
      return expression.arguments.flatMap(regexpsIn);
    case 'member':
      return expression.object.arguments.flatMap(regexpsIn);
    default:
      return [];
  }
}
