import { inflateRawSync } from 'node:zlib';
import { LinearRegexp } from '../linear-regexp.ts';
import { readProgram } from '../read-program.ts';
import { sqlPrograms } from './sql-programs.ts';

/** A program of {@link sqlPrograms}, where they lie packed: most containers need none of them. */
export function unpackProgram(packed: string): string {
  return inflateRawSync(Buffer.from(packed, 'base64')).toString('base64');
}

/**
 * Statements that write. Groups: 1 and 2 the names of a table that is renamed; 3 the table of a trigger, rule,
 * policy or grant; 4 a statement's first words and 5 the tables behind them; 6 and 7 the same where the words
 * are masked; 8 the rest of a name of which the masker took the beginning, and all that stands before it.
 */
export const statementInText = once(sqlPrograms.statementInText);

/** {@link statementInText} in SQL without its strings and comments. */
export const statementInSql = once(sqlPrograms.statementInSql);

/** A statement, its strings taken out, that stores or compares. */
export const storing = once(sqlPrograms.storing);

/** Made when it is first needed. */
function once(packed: string): () => LinearRegexp {
  let regexp: LinearRegexp | undefined;
  return () => {
    regexp ??= new LinearRegexp(readProgram(unpackProgram(packed)));
    return regexp;
  };
}
