import type {
  Command,
  Expression,
  Projection,
  Query,
  Span,
} from '../../query-language/syntax/ast.ts';
import { errorAt } from '../../query-language/syntax/query-error.ts';

/**
 * How many times as long as the longest value of an event a text of the query may be: a name that is joined
 * with itself ten times over would be a thousand times as long, for every event in memory.
 */
const maxGrowth = 256;

/** A string in a query of this many characters counts like a value of an event. */
const charactersOfValue = 256;

/**
 * Checks how long the texts can become that a query makes of the values of an event.
 *
 * @throws QueryError at the first expression whose text can be too long
 */
export function checkTextGrowth({ commands, text }: Query): void {
  const names = new Map<string, number>();
  for (const command of commands) addNames(command, names, text);
}

type Growths = Map<string, number>;

function addNames(command: Command, names: Growths, text: string): void {
  const measure = (expression: Expression) => growthOf(expression, names, text);
  switch (command.kind) {
    case 'fields':
    case 'display':
      defineAll(command.items, names, measure);
      break;
    case 'stats':
      defineAll([...command.by, ...command.aggregates], names, measure);
      break;
    case 'filter':
      measure(command.condition);
      break;
    case 'parse-glob':
    case 'parse-regex': {
      const growth = measure(command.subject);
      for (const { name } of command.names) names.set(name, growth);
      break;
    }
    case 'unnest':
      names.set(command.into.name, measure(command.subject));
      break;
    default:
      break;
  }
}

function defineAll(
  items: readonly Projection[],
  names: Growths,
  measure: (expression: Expression) => number,
): void {
  for (const { expression, columnName } of items) names.set(columnName, measure(expression));
}

/** The length of an expression's text at most, in lengths of the longest value of an event. */
function growthOf(expression: Expression, names: Growths, text: string): number {
  const growth = measured(expression, (part) => growthOf(part, names, text), names);
  if (growth <= maxGrowth) return growth;
  throw tooLong(text, expression.span);
}

function tooLong(text: string, span: Span) {
  return errorAt(
    text,
    span,
    `the text can become more than ${maxGrowth} times as long as a field of the event`,
  );
}

function measured(
  expression: Expression,
  measure: (part: Expression) => number,
  names: Growths,
): number {
  switch (expression.kind) {
    case 'string':
      return Math.max(1, expression.value.length / charactersOfValue);
    case 'field':
      return growthOfField(expression.path, names);
    case 'call':
      return growthOfCall(expression.name, expression.arguments, measure);
    case 'member':
      return measure(expression.object);
    case 'unary':
      measure(expression.operand);
      return 1;
    case 'binary':
      measure(expression.left);
      measure(expression.right);
      return 1;
    case 'match':
      measure(expression.subject);
      return 1;
    case 'in':
      for (const part of [expression.subject, ...expression.values]) measure(part);
      return 1;
    default:
      return 1;
  }
}

/** A part of a name that a query defined is no longer than all of it. */
function growthOfField(path: readonly string[], names: Growths): number {
  for (let length = path.length; length > 0; length -= 1) {
    const growth = names.get(path.slice(0, length).join('.'));
    if (growth !== undefined) return growth;
  }
  return 1;
}

/** `%` is three characters in a URL, three bytes are four characters of base64. */
const factors: Readonly<Record<string, number>> = {
  urlencode: 3,
  base64encode: 4 / 3,
  // Of single characters: `"a",`.
  split: 4,
  // Both fail on a text that becomes longer than this.
  replace: 2,
  regexreplace: 2,
  regex_replace: 2,
};

function growthOfCall(
  name: string,
  args: readonly Expression[],
  measure: (part: Expression) => number,
): number {
  const growths = args.map(measure);
  if (name === 'concat') return growths.reduce((sum, growth) => sum + growth, 0);
  return Math.max(1, ...growths) * (Object.hasOwn(factors, name) ? (factors[name] ?? 1) : 1);
}
