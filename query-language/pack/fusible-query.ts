import { parseQuery } from '../parser/parse-query.ts';
import { readRegexp } from '../regexp/parse-regexp.ts';
import { canBeEmpty, childrenOf, type Regexp, type RegexpNode } from '../regexp/regexp-tree.ts';
import type { Command, Expression, ParseRegexCommand, Query } from '../syntax/ast.ts';
import { errorAt } from '../syntax/query-error.ts';
import { type EventCondition, eventCondition } from './event-condition.ts';
import { refuseOverlap } from './overlapping-alternatives.ts';

/**
 * A construct that JavaScript and RE2 both accept but interpret differently; undefined when they
 * agree.
 *
 * - `(?:a??)*`: an optional iteration that consumes no characters counts in RE2, not in
 *   JavaScript.
 * - `(?:(a)|b)*`: in JavaScript each iteration resets what its groups captured in the one before.
 *
 * Only for a regexp that both engines run, as in a detection; a query that only DuckDB runs may use
 * both constructs.
 */
export function engineDifference(regexp: Regexp): string | undefined {
  return differenceIn(regexp.root);
}

function differenceIn(node: RegexpNode): string | undefined {
  if (node.kind === 'repeat') {
    if (canBeEmpty(node.body)) return 'a repeat whose iterations can be empty';
    if (node.max > 1 && hasSkippedGroup(node.body, false)) {
      return 'a repeat with a group that an iteration can skip';
    }
  }
  for (const child of childrenOf(node)) {
    const found = differenceIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param optional whether an iteration can skip the node. */
function hasSkippedGroup(node: RegexpNode, optional: boolean): boolean {
  if (node.kind === 'group' && optional) return true;
  const skips = node.kind === 'alternation' || (node.kind === 'repeat' && node.min === 0);
  return childrenOf(node).some((child) => hasSkippedGroup(child, optional || skips));
}

/** A detection's query in parts, so that one scan can run it together with others. */
export interface FusibleQuery {
  readonly query: Query;
  /** The conditions of its filter commands; an event must satisfy all of them. */
  readonly conditions: readonly Expression[];
  /** The same conditions as plain data. */
  readonly condition: EventCondition;
  /** Fields to extract from matching lines. */
  readonly extractions: readonly ParseRegexCommand[];
}

/**
 * Reads a query that consists of fields, filter on built-in fields, then parse with a regexp, sort,
 * limit and display. Such queries can run together, and their matches can be decided event by
 * event.
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
          'a detection consists of fields, filter, parse with a regexp, sort, limit, display',
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

/** A difference would make the console and a JavaScript client show different values. */
function checkExtraction(query: Query, { pattern }: ParseRegexCommand): void {
  refuseOverlap(query, pattern);
  const difference = engineDifference(readRegexp(pattern, query.text));
  if (difference === undefined) return;
  const hint = 'JavaScript and RE2 read it differently';
  throw errorAt(query.text, pattern.span, difference, hint);
}

function refuse(query: Query, { span }: Pick<Command, 'span'>, what: string, hint: string) {
  return errorAt(query.text, span, `${what} cannot run together with other detections`, hint);
}
