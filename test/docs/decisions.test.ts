import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../docs/decisions');
const records = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/.test(name));
const list = readFileSync(join(folder, 'README.md'), 'utf8');

test('the list has every record once, by its title, in order, with a status', () => {
  const rows = [...list.matchAll(/^\| \[(.+)\]\((.+)\) \| (?:accepted|amended|superseded)\b/gm)];
  const listed = rows.map(([, title = '', file = '']) => [file, `# ${title}`]);
  const titles = records.map((file) => [
    file,
    readFileSync(join(folder, file), 'utf8').split('\n')[0],
  ]);
  expect(titles.length).toBeGreaterThan(10);
  expect(listed).toEqual(titles);
});

test('a record has the number of its file, and no number is missing', () => {
  const numbers = records.map((file) => {
    const [title = ''] = readFileSync(join(folder, file), 'utf8').split('\n');
    return [Number(file.slice(0, 4)), Number(/^# (\d+)\./.exec(title)?.[1])];
  });
  expect(numbers).toEqual(records.map((_, at) => [at + 1, at + 1]));
});
