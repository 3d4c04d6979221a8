import { redactSecrets } from '../../lambda/redact/redact.ts';

const lineCharactersMax = 150;

/**
 * A line without its usual prefix (time, module, address) or the JSON around it; cut around the
 * wanted name if the beginning does not contain it.
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
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it removes colours.
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

/** A code span in a table cell. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  const padding = text.includes('`') ? ' ' : '';
  return `${fence}${padding}${text.replaceAll('|', '\\|')}${padding}${fence}`;
}

/** The text of a table cell. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
