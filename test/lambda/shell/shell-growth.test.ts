import { readPrivilegeCommands } from '../../../lambda/lines/event-text.ts';
import { costs, linearGrowth } from '../../counted-steps.ts';

/** The parts that a hostile script repeats. */
const units = [
  ...['a=$a$a;', 'a+=xyz;', 'a+=(x);', 'read a <<< "$a$a";', 'export A=$A$A;', 'echo $a;'],
  ...['{', '{a,b}', '((', '$((', '$[', `$\{x:-`, `$\{x/`, '`', '\\`', '$(', '<(', '>('],
  ...['( ', '{ ', 'if a;', 'case x in ', 'for i in a b;do ', 'f(){ ', 'f;', 'cat <<E\n', '<<E '],
  ...['echo users create | ', 'cat|', 'echo x > f;', 'cat f;', 'bash f;', 'tee f;', '{ cat; } '],
  ...['xargs -I{} ', 'eval ', 'alias a=b;', 'set -- a b c;', '# \n', 'airflow users create -u x;'],
  ...[
    `airflow u*[ab]{c,d} c? $a;`,
    `bash $\{a//_/ } `,
    'IFS=_ read -a b <<< "$a";',
    '\\x41\\055%41',
  ],
  ...["tr _ ' ' <<< airflow_users_create | sh;", "perl -e 'print 1' | xargs -0 airflow "],
];

/** Where a script is, and how many characters it has: what it is in makes its reading slower. */
const around: readonly (readonly [string, number, (script: string) => string])[] = [
  ['alone', 8_192, (script) => script],
  [
    'with a variable and a loop',
    2_048,
    (script) => `airflow;a='users create 1';for i in a b c d e f;do ${script}`,
  ],
  [
    'in a group that reads a text',
    2_048,
    (script) => `cat <<E | { cat; ${script}; }\n${'users create airflow '.repeat(20)}\nE`,
  ],
];

/** Steps per character of a script, at most: what the budget for values allows. */
const stepsMax = 2_600;

test.each(
  units.flatMap((unit) =>
    around.map(([where, size, wrap]) => [JSON.stringify(unit), where, size, wrap] as const),
  ),
)('a script of %s, %s, is read in linear time', (unit, _, size, wrap) => {
  const text = JSON.parse(unit) as string;
  const reading = (characters: number) => {
    const count = 2 * Math.ceil(characters / text.length / 2);
    const list = JSON.stringify(['bash', '-c', wrap(text.repeat(count))]);
    return () => void readPrivilegeCommands([`Running command: ${list}`]);
  };
  const { steps, growth } = costs(reading, size);
  expect(growth).toBeLessThan(linearGrowth + 0.1);
  expect(steps / size).toBeLessThan(stepsMax);
});
