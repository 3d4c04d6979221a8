const escapes =
  /\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,4}|c[\s\S]|[\s\S]|$)/g;

const controls: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Undoes backslash escapes as `$'…'`, `printf` and `echo -e` do.
 *
 * https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
 *
 * @param use `printed`: `\\0` becomes NUL; `quoted`: it stays as written, since an argument cannot
 *   hold NUL
 */
export function ansiCText(text: string, use: 'quoted' | 'printed' = 'quoted'): string {
  if (!text.includes('\\')) return text;
  return text.replace(escapes, (escaped) => {
    const first = escaped[1] ?? '\\';
    if (/[0-7]/.test(first)) {
      const code = Number.parseInt(escaped.slice(1), 8) & 0xff;
      return code === 0 && use === 'printed' ? '\0' : character(code, escaped);
    }
    if (first === 'c' && escaped.length === 3)
      return character(escaped.charCodeAt(2) & 0x1f, escaped);
    if (escaped.length > 2) return character(Number.parseInt(escaped.slice(2), 16), escaped);
    return controls[first] ?? (/["'?\\]/.test(first) ? first : escaped);
  });
}

function character(code: number, written: string): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written;
}
