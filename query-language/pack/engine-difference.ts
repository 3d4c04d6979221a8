import { canBeEmpty, childrenOf } from '../regexp/regexp-shape.ts';
import type { Regexp, RegexpNode } from '../regexp/regexp-tree.ts';

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
