import { cutText } from '../common/cut-text.ts';
import { withoutLinks } from './link-text.ts';

/**
 * Characters that change how the text around them appears, or that are invisible: controls, line
 * and paragraph separators, writing directions, zero-width spaces, lone surrogates.
 */
const deceiving =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu;

const shortNames: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes log text safe to show anywhere: deceiving characters become escapes, and no part of it is a
 * link. Letters of any language stay.
 */
export function escaped(text: string): string {
  return withoutLinks(
    text.replace(
      deceiving,
      (character) =>
        shortNames[character] ??
        `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
    ),
  );
}

/** Whether a name is shown unchanged: it has no deceiving characters and no link. */
export function isShownAsItIs(name: string): boolean {
  return escaped(name) === name;
}

const plainName = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.@+/:-]*$/u;

/**
 * The name of a user, role or DAG for use in a sentence; quoted if it could be mistaken for a part
 * of it.
 *
 * @param charactersMax longer names are cut and end with an ellipsis
 */
export function shownName(name: string, charactersMax = 64): string {
  const text = cutText(escaped(name), charactersMax);
  return plainName.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/** `a, b and c`, or the first `namesMax` names `and 2 more`. */
export function shownNames(names: readonly string[], namesMax = 3): string {
  const shown = names.slice(0, namesMax).map((name) => shownName(name));
  if (names.length > namesMax) shown.push(`${names.length - namesMax} more`);
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
