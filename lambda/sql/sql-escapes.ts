/** Undoes the escapes of `E'…'`; a code point that does not exist becomes nothing. */
export function undoStringEscapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3})|([\s\S]))/gi,
    (_, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      if (other !== undefined) return { n: '\n', r: '\r', t: '\t' }[other] ?? other;
      const code = octal
        ? Number.parseInt(octal, 8)
        : Number.parseInt(hex ?? short ?? long ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}

/**
 * Undoes the escapes of `U&"…"`: four hexadecimal digits, or a plus sign and six.
 *
 * @param mark the character that begins an escape; logs may double a backslash
 */
export function undoUnicodeEscapes(text: string, mark = '\\'): string {
  const written = mark === '\\' ? text : text.replaceAll(mark, '\\');
  const escapes = /(?<!\\)\\+(?:([0-9a-f]{4})|\+([0-9a-f]{6}))/giu;
  return written.replace(escapes, (_, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
