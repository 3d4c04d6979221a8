import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** All pages for people, by their paths from the project's root. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...['environments/README.md', 'queries/README.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .toSorted(),
];

export function textOf(page: string): string {
  return readFileSync(page, 'utf8');
}

/** What a pattern's first group holds, for each place in a text. */
export function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = '']) => group);
}
