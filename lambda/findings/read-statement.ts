import { tablesWritten } from './metadata-sql.ts';

/** What Airflow's database hooks write before the statement that they are about to run. */
const announcement = 'Running statement: ';

/**
 * The metadata tables that an announced statement writes, in the order in which it names them; none where
 * it only reads.
 *
 * @param texts those of the event
 */
export function tablesOfStatement(texts: readonly string[]): readonly string[] {
  const tables = texts.flatMap((text) => {
    const at = text.indexOf(announcement);
    return at < 0 ? [] : tablesWritten(text.slice(at + announcement.length), { isSql: true });
  });
  return [...new Set(tables)];
}
