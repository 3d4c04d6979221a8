import { readRegexp } from '../../../query-language/regexp/regexp.ts';
import type { RegexpNode } from '../../../query-language/regexp/regexp-tree.ts';
import type {
  Name,
  ParseGlobCommand,
  ParseRegexCommand,
} from '../../../query-language/syntax/ast.ts';
import { asText, text } from '../sql/values.ts';
import { compileExpression } from './expressions.ts';
import { extractGroups, globTree } from './extraction.ts';
import type { QueryState } from './query-state.ts';

/** `parse … "a * b" as x`: an event that does not match stays, without the fields. */
export function applyParseGlob(command: ParseGlobCommand, state: QueryState): void {
  const numbers = command.names.map((_, at) => at + 1);
  extract(command, command.names, globTree(command.pattern.value), numbers, state);
}

/** `parse … /(?<x>…)/`: likewise; a group that took no part in the match is missing too. */
export function applyParseRegex(command: ParseRegexCommand, state: QueryState): void {
  const { root } = readRegexp(command.pattern, state.context.text);
  extract(command, command.names, root, command.groups, state);
}

function extract(
  { subject }: ParseGlobCommand | ParseRegexCommand,
  names: readonly Name[],
  root: RegexpNode,
  numbers: readonly number[],
  { context, shown }: QueryState,
): void {
  const { pipeline, scope } = context;
  const source = pipeline.name(asText(compileExpression(subject, context), pipeline.name));
  const groups = extractGroups(source, root, numbers, pipeline.name);
  names.forEach((name, at) => {
    const value = text(pipeline.name(`${groups[at]}`));
    scope.define(name, value, 'parse');
    shown.set(name.name, value);
  });
}
