import type { RegexpNode } from './regexp-tree.ts';

export function childrenOf(node: RegexpNode): readonly RegexpNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'alternation':
      return node.options;
    case 'group':
    case 'repeat':
      return [node.body];
    default:
      return [];
  }
}

/** Whether it is or contains a capturing group. */
export function hasGroup(node: RegexpNode): boolean {
  return node.kind === 'group' || childrenOf(node).some(hasGroup);
}

/** Whether it can match an empty string. */
export function canBeEmpty(node: RegexpNode): boolean {
  switch (node.kind) {
    case 'literal':
    case 'class':
      return false;
    case 'assertion':
      return true;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'alternation':
      return node.options.some(canBeEmpty);
    case 'group':
      return canBeEmpty(node.body);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
  }
}
