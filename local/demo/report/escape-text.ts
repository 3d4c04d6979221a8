import { visibleTextUpTo } from '../../visible-text.ts';

/** The longest text that the report shows in one place, in characters. */
const charactersMax = 600;

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/**
 * A text as HTML, for an element's content or a quoted attribute. Its characters are made visible, and a
 * long text is cut: whoever writes logs chooses it.
 */
export function escapeText(value: unknown, maxCharacters = charactersMax): string {
  return visibleTextUpTo(String(value), maxCharacters).replace(
    /[&<>"']/g,
    (character) => entities.get(character) ?? '',
  );
}
