import { readSignals } from '../../lambda/lines/read-signals.ts';
import { growth, linearGrowth } from '../counted-steps.ts';
import { plan } from './pack.ts';

const prefix = '[2026-11-22T05:48:25.546+0000] {subprocess.py:88} INFO - ';

/** As many units as fit; their number does not change whether quotes and escapes are paired. */
function repeated(unit: string, size: number): string {
  return unit.repeat(Math.max(1, Math.floor(size / unit.length / 8)) * 8);
}

const units = [
  ...[
    'User "',
    'User \\"',
    '"',
    "'",
    '\\',
    '{',
    '[',
    '$(',
    '`',
    '\n',
    ' ',
    '/*',
    'update ab_user ',
  ],
  ...[
    'User "a" added to role "',
    'Added can x on y to role ',
    'Added Permission can x on y to role ',
  ],
  ...['method=POST path=', '"POST /users/edit/%', ' - x [', "Command '[", "Running command: ['"],
  ...["'/aws_mwaa/cli users create -u x ", "full_command: ['x',", 'invoke-rest-api --path /users '],
  ...['"stdout":"QUFBQUFBQUFBQUFBQUFBQUE=', 'superset fab ', "send: b'users create -u x ", '- $ '],
  ...['{override.py:1596} INFO - Added user x', 'stdout: Added 1 role(s) '],
  ...['airflow users create -u x ', '[SQL: ', ' already exist in the db', "user with email '"],
];

type Line = (size: number) => string;

const hostile: readonly (readonly [what: string, line: Line])[] = [
  ...units.flatMap((unit): [string, Line][] => [
    [`repeats of ${JSON.stringify(unit)}`, (size) => prefix + repeated(unit, size)],
    [
      `a command of ${JSON.stringify(unit)}`,
      (size) => `${prefix}Running command: ['bash', '-c', 'users ${repeated(unit, size)}`,
    ],
    [`JSON of ${JSON.stringify(unit)}`, (size) => JSON.stringify({ event: repeated(unit, size) })],
  ]),
  ['nested lists', (size) => `{"event":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`],
  ['nested objects', (size) => `${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}`],
  [
    'JSON that is cut off',
    (size) => JSON.stringify({ event: repeated('"\n', size) }).slice(0, size),
  ],
];

test.each(hostile)(
  'the work of all detections grows linearly with the length of a hostile line: %s',
  (_, line) => {
    const reading = (size: number) => {
      const event = { logGroup: 'g', logStream: 's', timestamp: 0, message: line(size) };
      return () => void readSignals({ ...event, detections: [...plan.keys()] }, plan);
    };
    expect(growth(reading, 4096)).toBeLessThan(linearGrowth);
  },
);
