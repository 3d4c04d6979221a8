import { readFileSync } from 'node:fs';
import { commandRights } from '../infra/permissions/needs/function-accesses.ts';
import { permissionsPage, permissionsPageFile } from '../infra/permissions/permissions-page.ts';

const page = readFileSync(permissionsPageFile, 'utf8');

test('docs/permissions.md is what the calls and the templates make of it (npm run docs:permissions)', async () => {
  expect(await permissionsPage(page)).toBe(page);
});

test('the page has a row for each command that the function sends, with its reason', () => {
  for (const [by, { why }] of Object.entries(commandRights)) {
    const rows = page.split('\n').filter((line) => line.startsWith(`| \`${by}\` |`));
    expect([by, rows.length > 0, rows.every((row) => row.endsWith(`| ${why} |`))]).toEqual([
      ...[by, true, true],
    ]);
  }
});

test('a page without the markers of the generated part is refused', async () => {
  await expect(permissionsPage('# Permissions\n')).rejects.toThrow(
    /^docs\/permissions\.md: must hold /,
  );
});
