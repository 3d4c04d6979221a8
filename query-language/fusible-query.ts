import type { Command, Expression, ParseRegexCommand, Query, RegexLiteral, Span } from './ast.ts';
import { engineDifference } from './engine-difference.ts';
import { overlapUnderRepeat } from './overlapping-alternatives.ts';
import { parseQuery } from './parse-query.ts';
import { parseRegexp } from './parse-regexp.ts';
import { errorAt, quoteBriefly } from './position.ts';
import { readRegexp } from './regexp.ts';
import type { RegexpNode } from './regexp-tree.ts';

/** Fields that every event has, so that a condition on them means the same in any query. */
const builtInFields = ['@message', '@log', '@logStream', '@timestamp', '@ingestionTime'];

/** A detection's query, taken apart so that it can be asked together with others in one scan. */
export interface FusibleQuery {
  readonly query: Query;
  /** The conditions of its filter commands; an event passes when all hold. */
  readonly conditions: readonly Expression[];
  /** What is read out of the lines that pass. */
  readonly extractions: readonly ParseRegexCommand[];
}

/**
 * Reads a query that consists of fields, filter on built-in fields, then parse with a regexp, sort,
 * limit and display: what keeps its meaning when it becomes one flag of a fused query.
 *
 * @throws QueryError with the position of anything else, of overlapping alternatives under a repeat, and
 *   of a regexp in parse that JavaScript and Logs Insights read differently
 */
export function readFusibleQuery(text: string): FusibleQuery {
  const query = parseQuery(text);
  const conditions: Expression[] = [];
  const extractions: ParseRegexCommand[] = [];
  for (const command of query.commands) {
    switch (command.kind) {
      case 'filter':
        if (extractions.length > 0) {
          throw refuse(query, command, 'a filter after parse', 'put it before');
        }
        checkCondition(query, command.condition);
        conditions.push(command.condition);
        break;
      case 'parse-regex':
        if (command.subject.kind !== 'field' || command.subject.name !== '@message') {
          throw refuse(query, command, 'a parse of another field', 'parse @message');
        }
        checkExtraction(query, command);
        extractions.push(command);
        break;
      case 'fields':
      case 'display':
        for (const { alias } of command.items) {
          if (alias) throw refuse(query, { span: alias.span }, 'an alias', 'list fields only');
        }
        break;
      case 'sort':
      case 'limit':
        break;
      default:
        throw refuse(
          query,
          command,
          `${command.kind} in a detection`,
          'a detection is made of fields, filter, parse with a regexp, sort, limit, display',
        );
    }
  }
  if (conditions.length === 0) {
    throw errorAt(text, { start: 0, end: text.length }, 'the detection has no filter');
  }
  return { query, conditions, extractions };
}

/** What is read differently would be told differently by the console and by a JavaScript client. */
function checkExtraction(query: Query, { pattern }: ParseRegexCommand): void {
  checkRegexp(query, pattern);
  const difference = engineDifference(readRegexp(pattern, query.text));
  if (difference === undefined) return;
  const hint = 'JavaScript and RE2 read it differently';
  throw errorAt(query.text, pattern.span, difference, hint);
}

/**
 * Nothing of ours backtracks on it, but people paste these expressions into tools that do, and what
 * can be divided in many ways is seldom what its author meant.
 */
function checkRegexp({ text }: Query, { span }: RegexLiteral): void {
  const spans = new Map<RegexpNode, Span>();
  const { root } = parseRegexp(text, { start: span.start + 1, end: span.end - 1 }, spans);
  const overlap = overlapUnderRepeat(root);
  if (overlap === undefined) return;
  const [one, other] = [overlap.one, overlap.other].map((node) => spans.get(node) ?? span);
  const written = (part = span) => quoteBriefly(text.slice(part.start, part.end));
  throw errorAt(
    text,
    one ?? span,
    `overlapping alternatives under a repeat, ${written(one)} and ${written(other)},`,
    'write them so that each text can be divided among them in one way only',
  );
}

function refuse(query: Query, { span }: Pick<Command, 'span'>, what: string, hint: string) {
  return errorAt(query.text, span, `${what} cannot be asked together with other detections`, hint);
}

/** Only what every row of the fused query can answer: comparisons of built-in fields. */
function checkCondition(query: Query, expression: Expression): void {
  switch (expression.kind) {
    case 'binary':
      checkCondition(query, expression.left);
      checkCondition(query, expression.right);
      return;
    case 'unary':
      checkCondition(query, expression.operand);
      return;
    case 'match':
      checkCondition(query, expression.subject);
      if (expression.pattern.kind === 'regex') checkRegexp(query, expression.pattern);
      return;
    case 'in':
      checkCondition(query, expression.subject);
      expression.values.forEach((value) => {
        checkCondition(query, value);
      });
      return;
    case 'field':
      if (!builtInFields.includes(expression.name)) {
        const hint = `a filter can use ${builtInFields.join(', ')}`;
        throw refuse(query, expression, `the field ${expression.name}`, hint);
      }
      return;
    case 'string':
    case 'number':
      return;
    default:
      throw refuse(query, expression, 'a function or a duration', 'compare built-in fields');
  }
}
