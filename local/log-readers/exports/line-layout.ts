import { type EventParts, partOf } from './event-record.ts';

/** What a member of an event in JSON is for; `other` members are not read. */
type Role = keyof EventParts | 'other';

/** A member of every line of one layout. */
export interface LayoutMember {
  readonly role: Role;
  readonly isString: boolean;
  /** The bytes between the value before and this one, with its opening quote. */
  readonly before: Uint8Array;
}

/** How the lines of one program are written: the same members, in the same order, with the same blanks. */
export interface LineLayout {
  /** Whether it is our own form, whose rules are stricter than those of AWS's answers. */
  readonly isOwn: boolean;
  readonly members: readonly LayoutMember[];
  /** The bytes after the last value. */
  readonly after: Uint8Array;
}

/** Only the blanks that JSON has: it has fewer of them than `\s`. */
const member =
  /[ \t\r]*"([@A-Za-z][\w.@-]{0,60})"[ \t\r]*:[ \t\r]*(?:"((?:[^"\\]|\\.)*)"|(-?\d{1,16})(?=[ \t\r,}]))/y;
/** Members that make a value something else than one event. */
const unlikeEvents = ['logEvents', 'data', 'Data'];

/**
 * The layout of a line that is one event in JSON, with texts and whole numbers as its members.
 *
 * @returns undefined for any other line, and for one with two members for the same part of an event
 */
export function layoutOf(line: string): LineLayout | undefined {
  if (!line.startsWith('{')) return undefined;
  const names: string[] = [];
  const members: LayoutMember[] = [];
  let end = 0;
  let at = 1;
  for (;;) {
    member.lastIndex = at;
    const found = member.exec(line);
    if (found === null) return undefined;
    const [all, name = '', text] = found;
    const value = text ?? found[3] ?? '';
    const valueEnd = at + all.length - (text === undefined ? 0 : 1);
    names.push(name);
    members.push({
      role: 'other',
      isString: text !== undefined,
      before: bytesOf(line.slice(end, valueEnd - value.length)),
    });
    end = valueEnd;
    at += all.length;
    const blanks = /[ \t\r]*/y;
    blanks.lastIndex = at;
    at += blanks.exec(line)?.[0].length ?? 0;
    if (line[at] === '}') break;
    if (line[at] !== ',') return undefined;
    at += 1;
  }
  if (at !== line.length - 1 || new Set(names).size < names.length) return undefined;
  const isOwn = names.includes('logGroup') && !names.includes('logStreamName');
  const roles = names.map((name) => (isOwn ? ownRole(name) : (partOf(name) ?? 'other')));
  const known = roles.filter((role) => role !== 'other');
  if (names.some((name) => unlikeEvents.includes(name))) return undefined;
  if (new Set(known).size < known.length) return undefined;
  if (!known.includes('message') || !known.includes('timestamp')) return undefined;
  if (isOwn && !known.includes('logStream')) return undefined;
  const typed = members.map((one, index) => ({ ...one, role: roles[index] ?? 'other' }));
  if (typed.some(({ role, isString }) => isNumber(role) === isString && role !== 'other')) {
    return undefined;
  }
  return { isOwn, members: typed, after: bytesOf(line.slice(end)) };
}

function ownRole(name: string): Role {
  switch (name) {
    case 'logGroup':
    case 'logStream':
    case 'timestamp':
    case 'ingestionTime':
    case 'message':
      return name;
    default:
      return 'other';
  }
}

function isNumber(role: Role): boolean {
  return role === 'timestamp' || role === 'ingestionTime';
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}
