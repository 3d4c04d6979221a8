import { redactSecrets } from '../lambda/redact.ts';

const lineCharactersMax = 150;

/**
 * A line without what is in front of every line: time, module, address, or the JSON around it; cut
 * around a name that it was read for, where the beginning does not hold it.
 */
export function essence(message: string, name = ''): string {
  const [line = '', ...others] = redactSecrets(message).split('\n');
  const event = /"event": ?"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  const bare = event === undefined ? line : event.replace(/\\(.)/g, '$1');
  const text =
    bare === 'request finished' || !bare.includes(name) ? [line, ...others].join(' ') : bare;
  const at = text.indexOf(name);
  return cut(
    at > lineCharactersMax ? `…${text.slice(at - lineCharactersMax / 2)}` : withoutHead(text),
  );
}

function withoutHead(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour is what it removes.
      .replace(/\u001b\[[\d;]*m/g, '')
      .replace(/^\S+ - \S+ \[[^\]]*\] (?=")/, '')
      .replace(/^(?:(?:\d{4}-\S+Z|\[[^\]]*\]|\{+[^}]*\}+|INFO|WARNING|ERROR|-) +)+/, '')
      .replace(/ "[^"]*" "[^"]*"$/, '')
      .replace(/ +/g, ' ')
      .trim()
  );
}

function cut(text: string): string {
  return text.length > lineCharactersMax ? `${text.slice(0, lineCharactersMax)}…` : text;
}

/** As a code span of a table's cell. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  const padding = text.includes('`') ? ' ' : '';
  return `${fence}${padding}${text.replaceAll('|', '\\|')}${padding}${fence}`;
}

/** Text of a table's cell. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
