import { readShellCommands } from '../../../lambda/findings/read-shell-commands.ts';

const wordsOf = (text: string) =>
  readShellCommands(text).map(({ words }) => words.map((word) => word.text));

test.each([
  ['a b', [['a', 'b']]],
  [`a 'b c' "d \\" e" f\\ g`, [['a', 'b c', 'd " e', 'f g']]],
  ['a \\\n  b', [['a', 'b']]],
  ['a;b&&c||d|e&f\ng', [['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
  ['X=1 Y=2 a', [['a']]],
  ['if a; then b; else c; fi', [['a'], ['b'], ['c']]],
  ['f() { a; }; f', [['f'], ['a'], ['f']]],
  ['a # b', [['a']]],
  ['a > x 2>&1 < y b', [['a', 'b']]],
  ["a $'b'", [['a', 'b']]],
  ['a u$((1+2)) b', [['1+2'], ['a', 'u$()', 'b']]],
  [
    'a "$(b c)" d',
    [
      ['b', 'c'],
      ['a', '$()', 'd'],
    ],
  ],
  ['a `b` c', [['b'], ['a', '$()', 'c']]],
  [`a$\{IFS}b`, [['a', 'b']]],
])('splits %j into commands and words', (text, expected) => {
  expect(wordsOf(text)).toEqual(expected);
});

test('a word with a variable or a substitution is told apart', () => {
  const [command] = readShellCommands('a $B "c$D" \'$E\' \\$F');
  expect(command?.words.map(({ dynamic }) => dynamic)).toEqual([false, true, true, false, false]);
});

test('here-documents and here-strings are input of their command, not commands', () => {
  expect(readShellCommands("psql <<'E'\nselect 1\nE\nls")).toMatchObject([
    { words: [{ text: 'psql' }], input: ['select 1'] },
    { words: [{ text: 'ls' }] },
  ]);
  expect(readShellCommands('psql <<< "select 1"')).toMatchObject([{ input: ['select 1'] }]);
});

test('a command knows which one it feeds', () => {
  const [first] = readShellCommands('echo x | bash; ls');
  expect(first?.feeds?.words[0]?.text).toBe('bash');
});

test('what is not closed ends with the text', () => {
  expect(wordsOf('a "b c')).toEqual([['a', 'b c']]);
  expect(wordsOf('a $(b')).toEqual([['b'], ['a', '$()']]);
});
