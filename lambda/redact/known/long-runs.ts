/** A set of ASCII characters: 1 at the code of each; no other character is in it. */
export type CharacterKind = Uint8Array;

export function characterKind(pattern: RegExp): CharacterKind {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

/**
 * The index of the next run of at least `charactersMin` characters of a kind. Reads no character
 * twice, and only a few of a text without such a run.
 *
 * @param from must not be in the middle of a run
 * @returns -1 if there is none
 */
export function nextLongRun(
  text: string,
  kind: CharacterKind,
  charactersMin: number,
  from = 0,
): number {
  let begin = from;
  // The characters from `begin` up to here are known to be of the kind.
  let known = from;
  for (;;) {
    const end = begin + charactersMin;
    if (end > text.length) return -1;
    let at = end - 1;
    while (at >= known && kind[text.charCodeAt(at)] === 1) at -= 1;
    if (at < known) return begin;
    begin = at + 1;
    known = end;
  }
}

/** The index after a run that includes `from`. */
export function runEnd(text: string, kind: CharacterKind, from: number): number {
  let end = from;
  while (end < text.length && kind[text.charCodeAt(end)] === 1) end += 1;
  return end;
}
