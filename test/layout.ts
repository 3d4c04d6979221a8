/**
 * `npm run lint` holds the layout of the sources to what docs/ARCHITECTURE.md draws.
 *
 * The page lists the top folders, and the rooms (folders) of each, in code blocks marked `layout`. A file
 * may import files of its own room and of rooms listed below it, so no import points back up and no rooms
 * form a circle. Also errors: files that import each other in a circle, a room that the page does not list
 * or that does not exist, a file name or an exported name that occurs twice inside one top folder, and two
 * file names that differ by one letter.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const page = 'docs/ARCHITECTURE.md';
const rooms = listedRooms(readFileSync(page, 'utf8'));
const tops = [...new Set(rooms.map((room) => room.split('/')[0] ?? ''))];
const files = globSync(`{${tops.join(',')}}/**/*.ts`).filter((file) => !file.endsWith('.d.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const importsOf = new Map(files.map((file) => [file, relativeImports(file)]));
const errors: string[] = [];

for (const [file, imports] of importsOf) {
  const room = dirname(file);
  if (!rooms.includes(room)) errors.push(`${page}: the room ${room} of ${file} is not listed`);
  for (const imported of imports) {
    const importedRoom = dirname(imported);
    if (!rooms.includes(importedRoom)) {
      errors.push(`${file} imports ${imported}, which is in no room that ${page} lists`);
    } else if (rooms.indexOf(importedRoom) < rooms.indexOf(room)) {
      errors.push(`${file} imports ${imported}, but ${page} lists that room above ${room}`);
    }
  }
}
for (const room of rooms) {
  if (!files.some((file) => dirname(file) === room)) errors.push(`${page}: no room ${room} exists`);
}
for (const circle of circles()) errors.push(`files import each other: ${circle.join(' → ')}`);
for (const top of tops) {
  const inside = files.filter((file) => file.startsWith(`${top}/`));
  reportTwice(`${top}/: file name`, inside, (file) => [basename(file)]);
  reportTwice(`${top}/: exported name`, inside, exportedNames);
  const names = inside.map((file) => basename(file, '.ts')).sort();
  for (const [index, name] of names.entries()) {
    const alike = names.slice(index + 1).find((other) => isOneLetterApart(name, other));
    if (alike !== undefined) errors.push(`${top}/: ${name}.ts and ${alike}.ts look alike`);
  }
}
for (const error of errors) console.error(error);
process.exitCode = errors.length > 0 ? 1 : 0;

/** The rooms in the page's order: each block has its top folder in the first line, then a room a line. */
function listedRooms(text: string): string[] {
  const blocks = [...text.matchAll(/^```layout\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => {
    const [top = '', ...lines] = block.trimEnd().split('\n');
    return lines.map((line) => join(top, /^ {2}(\S+)/.exec(line)?.[1] ?? ''));
  });
}

function relativeImports(file: string): string[] {
  const found = (texts.get(file) ?? '').matchAll(/\b(?:from|import) ?\(?'(\.[^']+\.ts)'/g);
  return [...found].map(([, path = '']) => join(dirname(file), path));
}

function exportedNames(file: string): string[] {
  const kinds = 'const|let|function\\*?|(?:abstract )?class|interface|type|enum';
  const found = (texts.get(file) ?? '').matchAll(
    new RegExp(`^export (?:async )?(?:${kinds}) ([\\w$]+)`, 'gm'),
  );
  // Overloads, and a type beside a value of the same name, are one definition.
  return [...new Set([...found].map(([, name = '']) => name))];
}

function reportTwice(
  what: string,
  inside: readonly string[],
  namesOf: (file: string) => readonly string[],
): void {
  const places = new Map<string, string[]>();
  for (const file of inside) {
    for (const name of namesOf(file)) places.set(name, [...(places.get(name) ?? []), file]);
  }
  for (const [name, where] of places) {
    if (where.length > 1) errors.push(`${what} ${name} occurs twice: ${where.join(', ')}`);
  }
}

/** Whether one letter more, less or other makes one name the other. */
function isOneLetterApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  return short.slice(long.length === short.length ? at + 1 : at) === long.slice(at + 1);
}

/** A circle for each import that closes one, found by walking the imports depth first. */
function circles(): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const imported of importsOf.get(file) ?? []) walk(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}
