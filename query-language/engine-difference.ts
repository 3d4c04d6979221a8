import { canBeEmpty, childrenOf } from './regexp-shape.ts';
import type { Regexp, RegexpNode } from './regexp-tree.ts';

/**
 * What JavaScript and RE2 read differently although both take it; undefined where they agree.
 *
 * - `(?:a??)*`: an optional round that takes no characters counts in RE2, not in JavaScript.
 * - `(?:(a)|b)*`: in JavaScript each round forgets what its groups captured in the round before.
 *
 * To be asked of a regexp that both run, a detection's; a query that only DuckDB runs may use both.
 */
export function engineDifference(regexp: Regexp): string | undefined {
  return differenceIn(regexp.root);
}

function differenceIn(node: RegexpNode): string | undefined {
  if (node.kind === 'repeat') {
    if (canBeEmpty(node.body)) return 'a repeat whose rounds can be empty';
    if (node.max > 1 && hasSkippedGroup(node.body, false)) {
      return 'a repeat with a group that can be left out of a round';
    }
  }
  for (const child of childrenOf(node)) {
    const found = differenceIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param optional whether the node need not take part in a round. */
function hasSkippedGroup(node: RegexpNode, optional: boolean): boolean {
  if (node.kind === 'group' && optional) return true;
  const skips = node.kind === 'alternation' || (node.kind === 'repeat' && node.min === 0);
  return childrenOf(node).some((child) => hasSkippedGroup(child, optional || skips));
}
