import { readSignals } from '../../lambda/findings/read-signals.ts';
import { bestCpuMs } from '../cpu-time.ts';
import { plan } from './pack.ts';

const characters = 256 * 1024;
const prefix = '[2026-11-22T05:48:25.546+0000] {subprocess.py:88} INFO - ';

function repeated(unit: string): string {
  return unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);
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
  ...['airflow users create -u x ', '[SQL: ', ' already exist in the db', "user with email '"],
];

const hostile = [
  ...units.flatMap((unit): [string, string][] => [
    [`repeats of ${JSON.stringify(unit)}`, prefix + repeated(unit)],
    [
      `a command of ${JSON.stringify(unit)}`,
      `${prefix}Running command: ['bash', '-c', 'users ${repeated(unit)}`,
    ],
    [`JSON of ${JSON.stringify(unit)}`, JSON.stringify({ event: repeated(unit) })],
  ]),
  ['nested lists', `{"event":${'['.repeat(120_000)}${']'.repeat(120_000)}}`],
  ['nested objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ['JSON that is cut off', JSON.stringify({ event: repeated('"\n') }).slice(0, characters)],
] as const;

test.each(hostile)(
  'a hostile line of 256 kB costs each detection under 50 ms: %s',
  (_, message) => {
    const event = { logGroup: 'g', logStream: 's', timestamp: 0, message };
    for (const id of plan.keys()) {
      const ms = bestCpuMs(() => readSignals({ ...event, detections: [id] }, plan), 50);
      expect({ id, ms: ms < 50 ? 'under 50' : ms }).toEqual({ id, ms: 'under 50' });
    }
  },
);
