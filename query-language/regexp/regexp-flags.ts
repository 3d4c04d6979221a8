import type { RegexpReader } from './regexp-reader.ts';

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
