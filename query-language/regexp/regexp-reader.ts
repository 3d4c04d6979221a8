import type { Span } from '../syntax/ast.ts';
import { errorAt, type QueryError } from '../syntax/query-error.ts';

/** A reading position in a regexp of a query: characters as code points, errors with positions. */
export class RegexpReader {
  readonly text: string;
  readonly end: number;
  at: number;
  ignoreCase = false;
  dotAll = false;
  multiline = false;

  constructor(text: string, { start, end }: Span) {
    this.text = text;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Whether `text` is next. */
  sees(text: string): boolean {
    return this.at + text.length <= this.end && this.text.startsWith(text, this.at);
  }

  accept(text: string): boolean {
    const found = this.sees(text);
    if (found) this.at += text.length;
    return found;
  }

  /** Reads the match of a sticky pattern at this position, if any. */
  match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found === null || this.at + found[0].length > this.end) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** Reads the next character; must not be called at the end. */
  next(): number {
    const codePoint = this.text.codePointAt(this.at) ?? 0;
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) {
      throw this.refuse(this.at, 'half a surrogate pair in the regexp');
    }
    this.at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** Runs `read`; flags set by it are reset afterwards. */
  inScope<T>(read: () => T): T {
    const { ignoreCase, dotAll, multiline } = this;
    const result = read();
    Object.assign(this, { ignoreCase, dotAll, multiline });
    return result;
  }

  /** The error for the text from `start` to the current position. */
  refuse(start: number, problem: string): QueryError {
    const end = Math.min(Math.max(this.at, start + 1), Math.max(this.end, start));
    return errorAt(this.text, { start, end }, problem);
  }

  /** The error for a construct that the engines do not share. */
  unsupported(start: number, construct: string): QueryError {
    return this.refuse(start, `regexps here have no ${construct}`);
  }
}

/** `(?i)`, `(?s-i)`: sets flags up to the end of the group. */
export function acceptFlags(reader: RegexpReader): boolean {
  const start = reader.at;
  const found = reader.match(/\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/y);
  if (found === undefined) return false;
  setFlags(reader, start, found);
  return true;
}

/** `?i:`, `?s-i:` after a parenthesis: sets flags for that group. */
export function acceptGroupFlags(reader: RegexpReader, start: number): boolean {
  const found = reader.match(/\?([a-zA-Z]*)(?:-([a-zA-Z]+))?:/y);
  if (found === undefined) return false;
  setFlags(reader, start, found);
  return true;
}

/** @param found the flags to set, and the flags to clear */
function setFlags(reader: RegexpReader, start: number, [, on = '', off = '']: RegExpExecArray) {
  for (const flag of on) setFlag(reader, start, flag, true);
  for (const flag of off) setFlag(reader, start, flag, false);
}

function setFlag(reader: RegexpReader, start: number, flag: string, value: boolean): void {
  switch (flag) {
    case 'i':
      reader.ignoreCase = value;
      break;
    case 's':
      reader.dotAll = value;
      break;
    case 'm':
      reader.multiline = value;
      break;
    default:
      throw reader.unsupported(start, `(?${flag}) flag`);
  }
}
