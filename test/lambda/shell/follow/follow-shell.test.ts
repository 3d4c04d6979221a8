import { followShell } from '../../../../lambda/shell/follow/follow-shell.ts';
import { type ShellCommand, ShellState } from '../../../../lambda/shell/follow/shell-state.ts';

/** The commands of a text that do more than show, and the state after it. */
function followed(text: string) {
  const commands: ShellCommand[] = [];
  const state = new ShellState(10_000);
  followShell(text, state, (command) => commands.push(command));
  return { commands, state };
}

const wordsOf = (text: string) =>
  followed(text).commands.map(({ words }) => words.map((word) => word.text));

test.each([
  ['a b', [['a', 'b']]],
  [`a 'b c' "d \\" e" f\\ g`, [['a', 'b c', 'd " e', 'f g']]],
  ['a \\\n  b', [['a', 'b']]],
  ['a;b&&c||d|e&f\ng', [['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
  ['X=1 Y=2 a', [['a']]],
  ['if a; then b; else c; fi', [['a'], ['b'], ['c']]],
  ['f() { a; }; f', [['a'], ['f']]],
  ['a # b', [['a']]],
  ['a > x 2>&1 < y b', [['a', 'b']]],
  ["a $'b\\x63\\'' d", [['a', "bc'", 'd']]],
  ['a $"b c"', [['a', 'b c']]],
  ['a u$((1+2)) b', [['a', 'u$()', 'b']]],
  ['a $((1<<2))\nb', [['a', '$()'], ['b']]],
  ['(( x = 1 << 2 ))\nb', [['b']]],
  ['a $( (b) )', [['b'], ['a', '$()']]],
  [
    'a "$(b c)" d',
    [
      ['b', 'c'],
      ['a', '$()', 'd'],
    ],
  ],
  ['a `b` c', [['b'], ['a', '$()', 'c']]],
  ['a `b # c` d', [['b'], ['a', '$()', 'd']]],
  [`a$\{IFS}b$IFS$9c`, [['a', 'b', 'c']]],
  ['a {b,c}d {1..3}', [['a', 'bd', 'cd', '1', '2', '3']]],
  ["a {b,'c,d'}", [['a', 'b', 'c,d']]],
  [`a $\{Z:-b c} "$\{Z-d e}"`, [['a', 'b', 'c', 'd e']]],
  ['X="a b"; $X "$X"', [['a', 'b', 'a b']]],
  ['X=a; X+=" b"; $X', [['a', 'b']]],
  ['IFS=,; X=a,b; $X', [['a', 'b']]],
  ['a=(b "c d"); "$' + '{a[@]}"', [['b', 'c d']]],
  [
    'set -- a "b c"; "$@"; x $2',
    [
      ['a', 'b c'],
      ['x', 'b', 'c'],
    ],
  ],
  [
    'for u in a b; do x $u; done',
    [
      ['x', 'a'],
      ['x', 'b'],
    ],
  ],
  ['read X <<< "a b"; x "$X"', [['x', 'a b']]],
  ['X=$(echo a b); $X', [['a', 'b']]],
  ['printf -v X "%s-%s" a b; x $X', [['x', 'a-b']]],
  ['true <<<-x\na', [['a']]],
  ['case a in (a) b;; c|d) e;; esac', [['b'], ['e']]],
  ['x $(case a in a) b;; esac) c', [['b'], ['x', '$()', 'c']]],
  ['cat <<E\n$(a)\nE\nb', [['a'], ['b']]],
  ["cat <<'E'\n$(a)\nE\nb", [['b']]],
  ['cat <<E\nE \na\nE\nb', [['b']]],
  [
    'shopt -s expand_aliases\nalias a="b c"\na d',
    [
      ['alias', 'a=b c'],
      ['b', 'c', 'd'],
    ],
  ],
])('reads %j as bash does', (text, expected) => {
  expect(wordsOf(text)).toEqual(expected);
});

test('a word that only the shell knows is marked as dynamic', () => {
  const { commands } = followed('a $B "c$D" \'$E\' \\$F');
  expect(commands[0]?.words.map(({ dynamic }) => dynamic)).toEqual([
    ...[false, true, true, false, false],
  ]);
});

test('the value of a variable that may not have been assigned is uncertain', () => {
  const isCertain = (text: string) => followed(text).commands.at(-1)?.words[1]?.dynamic === false;
  expect(isCertain('X=b; a $X')).toBe(true);
  for (const text of [
    'X=b; false && X=c; a $X',
    'if x; then X=b; fi; a $X',
    'f() { X=b; }; a $X',
  ]) {
    expect(isCertain(text)).toBe(false);
  }
});

test.each([
  ["psql <<'E'\nselect 1\nE\nls", 'psql', 'select 1'],
  ['psql <<< "select 1"', 'psql', 'select 1'],
  ['echo x y | bash; ls', 'bash', 'x y'],
  ['{ echo x; } | bash', 'bash', 'x'],
  ['for i in 1; do echo x; done | bash', 'bash', 'x'],
  ['f() { echo x; }; f | bash', 'bash', 'x\n'],
  ['echo x | cat | tee y | bash', 'bash', 'x'],
  ['{ bash; } <<< x', 'bash', 'x'],
  ['echo x > y; bash < y', 'bash', 'x'],
  ['echo x > /tmp/y; . ./y', '.', 'x'],
  ['tee y <<< x; sh y', 'sh', 'x'],
  ['cp y z; echo x > y; mv y z.sh; sh z.sh', 'sh', 'x'],
  ['exec > y; echo x; bash y', 'bash', 'x'],
  ['bash <(echo x)', 'bash', 'x\n'],
  ['echo x > >(bash)', 'bash', 'x'],
])('a text that flows into a program is its input: %s', (text, program, input) => {
  const command = followed(text).commands.find(({ words }) => words[0]?.text === program);
  expect(command?.input).toEqual([input]);
});

test.each(['echo a', 'echo a | cat', '{ echo a; } >&2', 'X=a; echo $X', 'f() { echo "$1"; }; f a'])(
  'a text that only goes to the log is no command: %s',
  (text) => {
    expect(wordsOf(text)).toEqual([]);
  },
);

test.each([
  'echo() { "$@"; }; echo a',
  'alias echo=x; echo a',
  './echo a',
  'echo a > >(x)',
  'if true; then echo() { :; }; fi; echo a',
  'PATH=.:$PATH; cat a',
  "sed 's/a/b/e' c",
  'awk \'BEGIN { system("a") }\'',
  "git -c alias.x='!a' x",
])('a program that is named like one that only shows may do more: %s', (text) => {
  expect(wordsOf(text)).not.toEqual([]);
});

test('values that double again and again are expanded only up to a bound', () => {
  const { commands, state } = followed(`A=aaaaaaaaaa;${'A=$A$A;'.repeat(40)} x $A`);
  expect(state.isCutShort).toBe(true);
  expect(JSON.stringify(commands).length).toBeLessThan(20_000);
});

test('a quote or substitution that is not closed ends with the text', () => {
  expect(wordsOf('a "b c')).toEqual([['a', 'b c']]);
  expect(wordsOf('a $(b')).toEqual([['b'], ['a', '$()']]);
  expect(wordsOf(`a $\{b:-c`)).toEqual([['a', 'c']]);
});
