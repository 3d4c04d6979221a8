import { sqlPrograms } from '../../lambda/sql/sql-programs.ts';
import { unpackProgram } from '../../lambda/sql/sql-regexps.ts';
import { regexpProgram } from '../../queries/tools/compile-regexp.ts';
import { sqlRegexps } from '../../queries/tools/sql-regexps.ts';

// The compressed size depends on the machine's zlib, so compare the decompressed text.
test('lambda/sql/sql-programs.ts is up to date; otherwise: npm run programs', () => {
  const unpacked = Object.entries(sqlPrograms).map(([name, text]) => [name, unpackProgram(text)]);
  const compiled = Object.entries(sqlRegexps).map(([name, source]) => [
    name,
    regexpProgram(source),
  ]);
  expect(unpacked).toEqual(compiled);
});
