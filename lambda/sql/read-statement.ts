import { tablesWritten } from './metadata-sql.ts';

/**
 * What Airflow's database hooks write before a statement that they are about to run; the secrets
 * masker may have masked words of it.
 */
const announcement = /Running statement: |(?<![^ \n])(?:Running \*{3}|\*{3} statement|\*{3}): /;

/**
 * The metadata tables that an announced statement writes, in the order in which it names them; none
 * if it only reads.
 *
 * @param texts those of the event
 */
export function tablesOfStatement(texts: readonly string[]): readonly string[] {
  const tables = texts.flatMap((text) => {
    const mark = announcement.exec(text);
    if (mark === null) return [];
    return tablesWritten(text.slice(mark.index + mark[0].length), { isSql: true });
  });
  return [...new Set(tables)];
}
