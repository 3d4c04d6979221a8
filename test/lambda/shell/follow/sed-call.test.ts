import { filesOfSed, sedOnlyShows } from '../../../../lambda/shell/follow/text-takers.ts';
import { onlyMentions } from '../../../../lambda/text/privilege-phrase.ts';
import { growth, linearGrowth } from '../../../counted-steps.ts';

test.each([
  ['s/a/airflow users add-role -u x/g'],
  ['-n', '1,3s|a b|c\\|e w|p'],
  ['-e', 's/a/b/; s,c,d e,I', '-e', '$!s/x/-role e/2'],
  ['-i.bak', 's/a/b e/', 'README', 'docs/x.md'],
  ['--in-place', '--expression=/airflow/s/a/b/', 'notes.txt'],
  ['-E', '-n', '/add-role/p', 'run.sh'],
])('sed only prints, or writes files that people read: %j', (...args) => {
  expect(sedOnlyShows(args)).toBe(true);
});

test.each([
  ['s/.*/airflow users add-role -u x/e'],
  ['s/a/b/;1e airflow users add-role'],
  ['-n', 's/a/b/w grant.sh'],
  ['-f', 'script.sed', 'README'],
  ['-nf', 'script.sed'],
  ['-i', 's/a/b/', 'run.sh'],
  ['-i', 's/a/b/', 'README', 'entrypoint'],
  ['-e', 's/a/b/', '-e', '1e id'],
])('sed may run a command or write a program: %j', (...args) => {
  expect(sedOnlyShows(args)).toBe(false);
});

test('with -i, sed writes the files after its script', () => {
  expect(filesOfSed(['-i', 's/a/b/', 'x.md', 'y.md'])).toEqual(['x.md', 'y.md']);
  expect(filesOfSed(['-i', '-e', 's/a/b/', 'x.md'])).toEqual(['x.md']);
  expect(filesOfSed(['s/a/b/', 'x.md'])).toEqual([]);
});

test.each(['s/a/b/;', 's/', '/a/', ' ', ';', '\\', '1,', 'sxaxbx ', 'e '])(
  'a script of %j is read in linear time',
  (unit) => {
    const reading = (size: number) => () => void sedOnlyShows([unit.repeat(size)]);
    expect(growth(reading, 2048)).toBeLessThan(linearGrowth);
  },
);

test.each(['airflow users add-role ', 'airflow users add-role. ', ' -u', '(', 'a '])(
  'prose of %j is read in linear time',
  (unit) => {
    const reading = (size: number) => () => void onlyMentions(unit.repeat(size));
    expect(growth(reading, 2048)).toBeLessThan(linearGrowth);
  },
);
