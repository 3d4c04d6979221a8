import type { LineBatch } from '../lines/line-splitter.ts';
import { unreadable } from '../report/read-report.ts';

export function isParquet(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'PAR1';
}

/**
 * The rows of a Parquet file, each as one line of JSON with the columns as members.
 *
 * @param name the name of the file, for errors
 * @param path a path without characters of patterns, which DuckDB would expand
 * @throws LogReadError when the file is broken
 */
export async function* parquetRows(name: string, path: string): AsyncGenerator<LineBatch> {
  // A bundle knows no other name of what a CommonJS library exports.
  const { default: duckdb } = await import('@duckdb/node-api');
  const { DuckDBInstance } = duckdb;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const result = await connection.stream(
      `SELECT to_json(rows)::VARCHAR FROM read_parquet('${path.replaceAll("'", "''")}', binary_as_string = true) AS rows`,
    );
    let firstLine = 1;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      const lines = chunk.getColumnValues(0).map(String);
      yield { firstLine, lines };
      firstLine += lines.length;
    }
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw unreadable(
      name,
      `the Parquet file cannot be read (${reason?.replaceAll(path, name)})`,
      error,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
