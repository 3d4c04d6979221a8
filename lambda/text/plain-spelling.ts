/**
 * The escapes that write a character by its number or name: `\x2d`, `\x{2d}`, `\u002d`, `\u{2d}`,
 * `\U0000002d`, `\055`, `\N{HYPHEN-MINUS}` in C, Python, Perl, JavaScript and JSON, `%2d` in a URL,
 * `&#45;` and `&#x2d;` in HTML, and `\_` for a space in `env -S`. A text within a text has several
 * backslashes.
 */
const written =
  /(?<!\\)\\+(?:x\{?0{0,6}([0-9a-fA-F]{2})\}?|(?:u00|U000000|u\{0{0,6})([0-9a-fA-F]{2})\}?|0{0,2}([1-7][0-7]{1,2})|(0{1,3})(?![0-7])|N\{([A-Z -]{3,40})\}|(_))|%([2-7][0-9a-fA-F])|&#0{0,4}(\d{2,3});|&#[xX]0{0,4}([0-9a-fA-F]{2});/g;

/** Unicode's names of the characters that a command has, letters aside. */
const named: Readonly<Record<string, string>> = {
  SPACE: ' ',
  'HYPHEN-MINUS': '-',
  'LOW LINE': '_',
  SOLIDUS: '/',
  'CHARACTER TABULATION': '\t',
  'LINE FEED': '\n',
};

const mayBeWritten = /\\[xuUN0-7_]|%[2-7]|&#/;

/**
 * Replaces the escapes of printable characters by the characters, and NUL by a space, whatever
 * language the text is in. Only good for searching: some of these escapes may not be escapes in the
 * text's language.
 */
export function plainSpelling(text: string): string {
  if (!mayBeWritten.test(text)) return text;
  return text.replace(written, (whole, ...groups: (string | undefined)[]) => {
    const [hex, unicode, octal, nul, name, space, percent, decimal, hexEntity] = groups;
    if (nul !== undefined || space !== undefined) return ' ';
    if (name !== undefined) return named[name] ?? letterOf(name) ?? whole;
    const hexadecimal = hex ?? unicode ?? percent ?? hexEntity;
    const code =
      hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : Number.parseInt(octal ?? decimal ?? '', octal === undefined ? 10 : 8);
    return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : whole;
  });
}

/** `LATIN SMALL LETTER A` */
function letterOf(name: string): string | undefined {
  const [, size, letter = ''] = /^LATIN (SMALL|CAPITAL) LETTER ([A-Z])$/.exec(name) ?? [];
  if (size === undefined) return undefined;
  return size === 'SMALL' ? letter.toLowerCase() : letter;
}
