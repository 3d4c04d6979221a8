/** Which of the ASCII characters count, by their codes; all others do not. */
export type CharacterKind = Uint8Array;

export function characterKind(pattern: RegExp): CharacterKind {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

/**
 * Where the next run of so many characters of a kind begins, that has another character or nothing before
 * it. Looks at no character twice, and at few of a text without such a run.
 *
 * @param from where no run is in the middle
 * @returns -1 if there is none
 */
export function nextLongRun(
  text: string,
  kind: CharacterKind,
  charactersMin: number,
  from = 0,
): number {
  let begin = from;
  // What is known to be of the kind, from the beginning on, ends here.
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

/** Where a run ends that goes on at a place. */
export function runEnd(text: string, kind: CharacterKind, from: number): number {
  let end = from;
  while (end < text.length && kind[text.charCodeAt(end)] === 1) end += 1;
  return end;
}
