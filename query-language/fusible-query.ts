import type { Command, Expression, ParseRegexCommand, Query } from './ast.ts';
import { engineDifference } from './engine-difference.ts';
import { type EventCondition, eventCondition } from './event-condition.ts';
import { parseQuery } from './parse-query.ts';
import { errorAt } from './position.ts';
import { refuseOverlap } from './refuse-overlap.ts';
import { readRegexp } from './regexp.ts';

/** A detection's query, taken apart so that it can be asked together with others in one scan. */
export interface FusibleQuery {
  readonly query: Query;
  /** The conditions of its filter commands; an event passes when all hold. */
  readonly conditions: readonly Expression[];
  /** The same as plain data. */
  readonly condition: EventCondition;
  /** What is read out of the lines that pass. */
  readonly extractions: readonly ParseRegexCommand[];
}

/**
 * Reads a query that consists of fields, filter on built-in fields, then parse with a regexp, sort,
 * limit and display: what can be asked together with others and then be decided of each event.
 *
 * @throws QueryError with the position of anything else, of overlapping alternatives under a repeat, and
 *   of a regexp in parse that JavaScript and Logs Insights read differently
 */
export function readFusibleQuery(text: string): FusibleQuery {
  const query = parseQuery(text);
  const conditions: Expression[] = [];
  const decided: EventCondition[] = [];
  const extractions: ParseRegexCommand[] = [];
  for (const command of query.commands) {
    switch (command.kind) {
      case 'filter':
        if (extractions.length > 0) {
          throw refuse(query, command, 'a filter after parse', 'put it before');
        }
        decided.push(eventCondition(query, command.condition));
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
  const [first, ...others] = decided;
  if (first === undefined) {
    throw errorAt(text, { start: 0, end: text.length }, 'the detection has no filter');
  }
  const condition = others.length === 0 ? first : { and: decided };
  return { query, conditions, condition, extractions };
}

/** What is read differently would be told differently by the console and by a JavaScript client. */
function checkExtraction(query: Query, { pattern }: ParseRegexCommand): void {
  refuseOverlap(query, pattern);
  const difference = engineDifference(readRegexp(pattern, query.text));
  if (difference === undefined) return;
  const hint = 'JavaScript and RE2 read it differently';
  throw errorAt(query.text, pattern.span, difference, hint);
}

function refuse(query: Query, { span }: Pick<Command, 'span'>, what: string, hint: string) {
  return errorAt(query.text, span, `${what} cannot be asked together with other detections`, hint);
}
