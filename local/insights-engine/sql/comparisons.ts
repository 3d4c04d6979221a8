import type { BinaryOperator, Expression } from '../../../query-language/syntax/ast.ts';
import { asNumber, asText, isNumeric, isStructure, type Naming, type Value } from './values.ts';

type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return /^[=!<>]/.test(operator);
}

/** The expressions of the two values: a literal needs less SQL. */
interface Origins {
  readonly left: Expression;
  readonly right: Expression;
}

/**
 * SQL for a comparison.
 *
 * - With a number on one side, the other side is read as a number; text that is not a number
 *   differs from every number, and is neither smaller nor larger.
 * - Two texts are equal when they are identical. For order, two texts that are both numbers
 *   compare as numbers, others by code point.
 * - A map or a list compared with anything is false, as AWS documents.
 */
export function compare(
  operator: ComparisonOperator,
  left: Value,
  right: Value,
  name: Naming,
  { left: leftFrom, right: rightFrom }: Origins,
): string {
  const compared =
    isNumeric(left) || isNumeric(right)
      ? compareNumbers(operator, left, right, name)
      : compareTexts(operator, asText(left, name), asText(right, name), leftFrom, rightFrom, name);
  const structures = [left, right]
    .filter((value) => value.type === 'json' || value.type === 'list')
    .map((value) => isStructure(name(value.sql)));
  if (structures.length === 0) return compared;
  return `CASE WHEN ${structures.join(' OR ')} THEN false ELSE ${compared} END`;
}

function compareNumbers(
  operator: ComparisonOperator,
  left: Value,
  right: Value,
  name: Naming,
): string {
  const numbers = `(${asNumber(left, name)} ${operator} ${asNumber(right, name)})`;
  const texts = [left, right].filter((value) => !isNumeric(value));
  const [other] = texts;
  if (other === undefined) return numbers;
  const [numeric] = [left, right].filter(isNumeric);
  const present = `${name(asText(other, name))} IS NOT NULL AND ${numeric?.sql} IS NOT NULL`;
  return `coalesce(${numbers}, CASE WHEN ${present} THEN ${operator === '!='} END)`;
}

function compareTexts(
  operator: ComparisonOperator,
  left: string,
  right: string,
  leftFrom: Expression,
  rightFrom: Expression,
  name: Naming,
): string {
  if (operator === '=' || operator === '!=') return `(${left} ${operator} ${right})`;
  // With a literal that is not a number, only texts compare.
  for (const from of [leftFrom, rightFrom]) {
    if (from.kind === 'string' && !/^[-+]?[\d.]/.test(from.value))
      return `(${left} ${operator} ${right})`;
  }
  const [a, b] = [name(left), name(right)];
  const numberOf = (sql: string) => asNumber({ sql, type: 'text' }, name);
  return `coalesce(${numberOf(a)} ${operator} ${numberOf(b)}, ${a} ${operator} ${b})`;
}

/** SQL for `in`: compares whole values, case-sensitively. Lists of literals can have thousands of values. */
export function isOneOf(
  subject: Value,
  valuesFrom: readonly Expression[],
  values: readonly Value[],
  name: Naming,
): string {
  const named = { ...subject, sql: name(subject.sql) };
  const strings = new Set<string>();
  const numbers = new Set<string>();
  const others: string[] = [];
  values.forEach((value, at) => {
    const from = valuesFrom[at];
    if (from === undefined) throw new RangeError('a value without its expression');
    if (from.kind === 'number') numbers.add(value.sql);
    else if (from.kind === 'string' && !isNumeric(subject)) strings.add(value.sql);
    // The subject's own expression does not matter for equality.
    else others.push(compare('=', named, value, name, { left: from, right: from }));
  });
  const text = () => name(asText(named, name));
  const alternatives = [
    ...(strings.size === 0 ? [] : [`${text()} IN (${[...strings].join(', ')})`]),
    ...(numbers.size === 0 ? [] : [isOneOfNumbers(named, [...numbers].join(', '), text, name)]),
  ];
  // A map or a list differs from every literal, as in a comparison.
  const isStructured = subject.type === 'json' || subject.type === 'list';
  const literals =
    isStructured && alternatives.length > 0
      ? [`CASE WHEN ${isStructure(named.sql)} THEN false ELSE (${alternatives.join(' OR ')}) END`]
      : alternatives;
  return `(${[...literals, ...others].join(' OR ')})`;
}

/** Text that is not a number differs from every number. */
function isOneOfNumbers(subject: Value, numbers: string, text: () => string, name: Naming): string {
  const found = `${asNumber(subject, name)} IN (${numbers})`;
  if (isNumeric(subject)) return found;
  return `coalesce(${found}, CASE WHEN ${text()} IS NOT NULL THEN false END)`;
}
