import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { regexpProgram } from './compile-regexp.ts';
import { sqlRegexps } from './sql-regexps.ts';

/** The source text of the function's file of SQL programs, written by `npm run programs`. */
function sqlProgramsText(): string {
  const lines = Object.entries(sqlRegexps).map(([name, source]) => {
    const packed = deflateRawSync(Buffer.from(regexpProgram(source), 'base64'), { level: 9 });
    return `  ${name}:\n    '${packed.toString('base64')}',\n`;
  });
  return [
    '/** Written by `npm run programs` from queries/tools/sql-regexps.ts, which says what each finds. */\n',
    `export const sqlPrograms = {\n${lines.join('')}} as const;\n`,
  ].join('');
}

const file = fileURLToPath(new URL('../../lambda/sql/sql-programs.ts', import.meta.url));
writeFileSync(file, sqlProgramsText());
