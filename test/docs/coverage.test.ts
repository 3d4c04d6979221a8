import { readFileSync } from 'node:fs';
import { coveragePage, coveragePageFile } from '../../queries/tools/coverage-page.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetectionId, loadDetections } from '../../queries/tools/load-detections.ts';

const detections = loadDetections();
const page = coveragePage(detections);

test('docs/coverage.md is up to date (npm run docs:coverage)', () => {
  expect(readFileSync(coveragePageFile, 'utf8')).toBe(page);
});

test.each(detections.map(({ id }) => id).filter((id) => id !== documentedDetectionId))(
  'the page shows a line that %s finds',
  (id) => expect(page).toContain(`| [${id}](../queries/${id}.yaml) |`),
);

test('a new detection appears on the page under the heading of its verb', () => {
  const [base] = detections.filter(({ id }) => id === 'cli-role-granted');
  const added = { ...base, id: 'new', verb: 'create-group' } as Detection;
  expect(coveragePage([...detections, added])).toMatch(
    /\n## A group is created\n[^#]*User "bob" added to role/,
  );
});

test('every row of a table has as many cells as its head, whatever characters the lines contain', () => {
  const cellsOf = (row: string) => row.split(/(?<!\\)\|/).length;
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  const tables = page.split('\n\n').filter((block) => block.startsWith('|'));
  expect(rows.length).toBeGreaterThan(60);
  for (const table of tables) {
    const [head = '', ...others] = table.split('\n');
    for (const row of others) expect([row, cellsOf(row)]).toEqual([row, cellsOf(head)]);
  }
});

test('no password from the lines is on the page', () => {
  expect(JSON.stringify(detections)).toContain('Fake-pw');
  expect(page).not.toContain('Fake-pw');
});
