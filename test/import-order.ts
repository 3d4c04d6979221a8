/**
 * Checks, as part of `npm run lint`, that the project's imports point in one direction.
 *
 * Between the top folders a wrong import is an error. Inside lambda/ it is a warning: a room may import
 * the rooms after it in the list, and files outside the rooms that import no room themselves.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What each top folder may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  lambda: [],
  'query-language': [],
  queries: ['query-language', 'lambda'],
  infra: ['queries', 'query-language', 'lambda'],
  local: ['queries', 'query-language', 'lambda', 'infra'],
  doctor: ['queries', 'query-language', 'lambda', 'infra', 'local'],
  cli: ['doctor', 'local', 'infra', 'queries', 'query-language', 'lambda'],
};

/** The rooms of lambda/, in the order in which each may import those after it. */
const rooms = ['notify', 'ledger', 'findings', 'redact'];

const files = globSync(`{${Object.keys(allowed).join(',')}}/**/*.ts`);
const importsOf = new Map(
  files.map((file) => {
    const text = readFileSync(file, 'utf8');
    const found = text.matchAll(/^(?:import|export)\b[^;'"]*?(?:from )?['"](\.[^'"]+)['"]/gm);
    return [file, [...found].map(([, path = '']) => join(dirname(file), path))];
  }),
);
const topOf = (file: string) => file.split('/')[0] ?? '';
const roomOf = (file: string) => rooms.find((room) => file.startsWith(`lambda/${room}`));

/** Whether a file of lambda/ outside the rooms imports none of them, so that any room may import it. */
function isBase(file: string, path: readonly string[] = []): boolean {
  if (roomOf(file) !== undefined || topOf(file) !== 'lambda') return false;
  if (path.includes(file)) return true;
  return (importsOf.get(file) ?? []).every((imported) => isBase(imported, [...path, file]));
}

const errors: string[] = [];
const warnings: string[] = [];
for (const [file, imports] of importsOf) {
  for (const imported of imports) {
    const [top, importedTop] = [topOf(file), topOf(imported)];
    if (importedTop in allowed && top !== importedTop && !allowed[top]?.includes(importedTop)) {
      errors.push(`${file} imports ${imported}: ${top}/ may not import ${importedTop}/`);
    }
    const room = roomOf(file);
    if (top !== 'lambda' || room === undefined) continue;
    const importedRoom = roomOf(imported);
    const isUp =
      importedRoom === undefined
        ? !isBase(imported)
        : rooms.indexOf(importedRoom) < rooms.indexOf(room);
    if (isUp) warnings.push(`${file} imports ${imported}`);
  }
}
if (warnings.length > 0) {
  console.warn(`${warnings.length} imports inside lambda/ point up:`);
  for (const warning of warnings) console.warn(`  ${warning}`);
}
for (const error of errors) console.error(error);
process.exitCode = errors.length > 0 ? 1 : 0;
