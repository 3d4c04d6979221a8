/** The short escapes of JSON, by the character that they write. */
export const shortEscapes: Readonly<Record<number, string>> = {
  ...{ 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' },
};

/**
 * Whether an escape `\uXXXX` writes a character that is usually written in another way, so that a search for
 * bytes would miss it: PHP, Go and .NET escape more than JSON demands. So does half of a surrogate pair,
 * which may be read as U+FFFD.
 *
 * @param unit the number that it escapes
 */
export function hidesCharacter(unit: number): boolean {
  if (unit < 0x20) return shortEscapes[unit] !== undefined;
  return unit < 0x80 || (unit >= 0xd800 && unit < 0xe000);
}
