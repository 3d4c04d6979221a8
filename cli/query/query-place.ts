import { visibleText } from '../../local/visible-text.ts';
import type { QueryError } from '../../query-language/syntax/query-error.ts';

const maxCharactersBefore = 70;
const maxCharactersAfter = 50;

/**
 * The line of a query that an error concerns, with carets under the position.
 *
 * @returns two lines; a long line is cut around the position
 */
export function queryPlace(query: string, { span }: Pick<QueryError, 'span'>): string {
  const start = Math.min(span.start, query.length);
  const lineStart = query.lastIndexOf('\n', start - 1) + 1;
  const nextBreak = query.indexOf('\n', start);
  const lineEnd = nextBreak === -1 ? query.length : nextBreak;

  const shownStart = Math.max(lineStart, start - maxCharactersBefore);
  const shownEnd = Math.min(lineEnd, start + maxCharactersAfter);
  const markedEnd = Math.max(start, Math.min(span.end, shownEnd));

  const part = (from: number, to: number) => visibleText(query.slice(from, to));
  const before = `${shownStart > lineStart ? '…' : ''}${part(shownStart, start)}`;
  const marked = part(start, markedEnd);
  const after = `${part(markedEnd, shownEnd)}${shownEnd < lineEnd ? '…' : ''}`;
  return `  ${before}${marked}${after}\n  ${' '.repeat(before.length)}${'^'.repeat(Math.max(1, marked.length))}`;
}
