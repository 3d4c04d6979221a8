/** Counts the messages that contain one of some strings by one query of DuckDB: `node … FOLDER LITERALS`. */
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [folder = '', literals = ''] = process.argv.slice(2);
const strings = readFileSync(literals, 'utf8').trimEnd().split('\n');
const pattern = strings.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run('SET threads = 2');
const reader = await connection.runAndReadAll(
  `SELECT count(*) FROM read_json(${quoted(`${folder}/*`)}, format = 'newline_delimited', columns = {message: 'VARCHAR'}) WHERE regexp_matches(message, ${quoted(pattern)})`,
);
console.log(String(reader.getRows()[0]?.[0]));
