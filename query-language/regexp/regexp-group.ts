import type { QueryError } from '../syntax/query-error.ts';
import { acceptGroupFlags } from './regexp-flags.ts';
import type { RegexpReader } from './regexp-reader.ts';
import type { RegexpGroup } from './regexp-tree.ts';

/**
 * Reads the start of a group and returns whether it captures.
 *
 * @param groups the groups opened before; a capturing group is added
 * @param start offset of the parenthesis, where the reader is
 */
export function openGroup(reader: RegexpReader, groups: RegexpGroup[], start: number): boolean {
  const number = groups.length + 1;
  reader.at += 1;
  if (!reader.sees('?')) {
    groups.push({ number, name: undefined, span: { start, end: start + 1 } });
    return true;
  }
  if (acceptGroupFlags(reader, start)) return false;
  const named = reader.match(/\?P?<([A-Za-z_@][A-Za-z0-9_@.]*)>/y);
  if (named === undefined) throw refusedGroup(reader, start);
  const name = named[1] ?? '';
  const span = { start: reader.at - 1 - name.length, end: reader.at - 1 };
  if (groups.some((group) => group.name === name)) {
    throw reader.refuse(span.start, `the group name ${name} is used twice`);
  }
  groups.push({ number, name, span });
  return true;
}

const unsupportedGroups = [
  ['?=', 'look-ahead'],
  ['?!', 'look-ahead'],
  ['?<=', 'look-behind'],
  ['?<!', 'look-behind'],
  ['?>', 'atomic groups'],
  ['?P=', 'back-references'],
  ['?P>', 'recursion'],
  ['?&', 'recursion'],
  ['?#', 'comments'],
  ['?(', 'conditions'],
  ['?|', 'branch reset'],
] as const;

function refusedGroup(reader: RegexpReader, start: number): QueryError {
  for (const [opening, construct] of unsupportedGroups) {
    if (reader.accept(opening)) return reader.unsupported(start, `(${opening} (${construct})`);
  }
  return reader.refuse(start, 'the group starts with unknown syntax');
}
