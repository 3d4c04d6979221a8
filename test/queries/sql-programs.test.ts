import { sqlPrograms } from '../../lambda/findings/sql-programs.ts';
import { unpackProgram } from '../../lambda/findings/sql-regexps.ts';
import { regexpProgram } from '../../queries/compile-regexp.ts';
import { sqlRegexps } from '../../queries/sql-regexps.ts';

// The compressed size depends on the machine's zlib, so compare the decompressed text.
test('lambda/findings/sql-programs.ts is up to date; otherwise: npm run programs', () => {
  const unpacked = Object.entries(sqlPrograms).map(([name, text]) => [name, unpackProgram(text)]);
  const compiled = Object.entries(sqlRegexps).map(([name, source]) => [
    name,
    regexpProgram(source),
  ]);
  expect(unpacked).toEqual(compiled);
});
