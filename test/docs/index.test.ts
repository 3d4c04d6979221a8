import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { found, textOf } from './pages.ts';

/** Listed elsewhere, or read by no person. */
const unlisted = /^(?:README\.md|blind-spots\.yaml|images\/.*|decisions\/\d{4}-.*)$/;

test('the index lists every page of docs once, or the page of alarms its runbook', () => {
  const files = readdirSync('docs', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice('docs/'.length))
    .filter((file) => !unlisted.test(file));
  const listed = found(textOf('docs/README.md'), /\]\(([^)#]+)\)/g);
  const ofAlarms = found(textOf('docs/alarms.md'), /\]\((runbooks\/[^)#]+)\)/g);
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => ![...listed, ...ofAlarms].includes(file))).toEqual([]);
  expect(listed.filter((file, at) => listed.indexOf(file) !== at)).toEqual([]);
});
