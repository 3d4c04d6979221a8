import { observe } from '../../lambda/lines/event-identity.ts';
import { readSignals } from '../../lambda/lines/read-signals.ts';
import { growth, linearGrowth } from '../counted-steps.ts';
import { plan } from './pack.ts';

const event = { logGroup: 'airflow-test-Task', logStream: 's', timestamp: 0 };
const prefix = '[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - ';

/** An event matched by these detections, as passed to correlation. */
function seen(message: string, ...detections: string[]) {
  const matched = { ...event, message, detections };
  return observe(matched, readSignals(matched, plan));
}

function many<T>(count: number, item: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => item(at));
}

const granted = { kind: 'outcome', target: 'mallory', role: 'Admin', severity: 'critical' };
const command = { kind: 'command', verb: 'grant-role', target: 'mallory', role: 'Admin' };
const grant = 'User "mallory" added to role "Admin"';
const grants = (count: number) => many(count, (at) => `User "u${at}" added to role "Viewer"`);

/** A text of BashOperator's echo. */
function echo(...lines: string[]): string {
  return `${prefix}Running command: ${JSON.stringify(['/usr/bin/bash', '-c', lines.join('\n')])}`;
}

describe('the one real grant is reported, wherever it is in an event', () => {
  const decoys = grants(600);
  const commands = many(5_000, (at) => `airflow users add-role -u u${at} -r Viewer`);
  const real = 'airflow users add-role -u mallory -r Admin';

  test.each([
    ['last of 600 printed grants', prefix + [...decoys, grant].join('\n')],
    ['first of 600 printed grants', prefix + [grant, ...decoys].join('\n')],
    [
      'amid 600 grants of a JSON event',
      JSON.stringify({ event: decoys.toSpliced(300, 0, grant).join('\n') }),
    ],
    [
      'last of 10,000 values of a JSON event',
      JSON.stringify({ event: 'x', more: [...grants(9_999), grant] }),
    ],
    [
      'deep in a JSON event',
      `{"event":${'['.repeat(50_000)}${JSON.stringify(grant)}${']'.repeat(50_000)}}`,
    ],
    ['at the end of 1 MB', `${prefix}${'x'.repeat(1_000_000)}\n${grant}`],
    [
      'at the end of a JSON event of 1 MB',
      JSON.stringify({ event: `${'é"\n'.repeat(200_000)}${grant}` }),
    ],
    [
      'at the end of a truncated JSON event',
      `{"event":"${'\\"'.repeat(100_000)}\\n${JSON.stringify(grant).slice(1, -1)}\\n and`,
    ],
  ])('%s', (_, message) => {
    expect(seen(message, 'cli-role-granted').signals).toContainEqual(
      expect.objectContaining(granted),
    );
  });

  test.each([
    ['amid 5,000 commands', echo(...commands.toSpliced(2_500, 0, real))],
    ['the last of 5,000 commands', echo(...commands, real)],
    [
      'traced after 5,000 lines',
      `${prefix}+ true\n${commands.map((c) => `+ ${c}`).join('\n')}\n+ ${real}`,
    ],
    [
      'the last of 100 echoes',
      [...many(100, (at) => echo(commands[at] ?? '')), echo(real)].join('\n'),
    ],
    [
      'behind 100 kB without a quote',
      `${prefix}Running command: ${'true; '.repeat(20_000)}${real}`,
    ],
    [
      'the last of 300 strings of a JSON event',
      JSON.stringify({
        event: many(300, () => 'x'),
        last: `Running command: ['bash', '-c', '${real}']`,
      }),
    ],
    [
      'in the second list of a program',
      echo(
        `python3 - <<E\nrun(['airflow', 'version'])\nrun(['airflow', 'users', 'add-role', '-u', 'mallory', '-r', 'Admin'])\nE`,
      ),
    ],
    ['on the line after a statement', `Executing: SELECT 1\n${echo(real)}`],
  ])('as a command: %s', (_, message) => {
    expect(seen(message, 'privilege-command-run').signals).toContainEqual(
      expect.objectContaining(command),
    );
  });

  test('a command nested too deep to read is reported without a name', () => {
    const nested = (depth: number) =>
      many(depth, () => 0).reduce((text) => `bash -c ${JSON.stringify(text)}`, real);
    expect(seen(echo(nested(3)), 'privilege-command-run').signals).toMatchObject([command]);
    expect(seen(echo(nested(8)), 'privilege-command-run').signals).toEqual([
      { kind: 'command', detections: ['privilege-command-run'], severity: 'medium' },
    ]);
  });
});

test('signals that are not reported are counted, with their highest severity', () => {
  const { signals, omitted } = seen(
    prefix + [...grants(600), grant].join('\n'),
    'cli-role-granted',
  );
  expect(signals.length + (omitted?.count ?? 0)).toBe(601);
  expect(omitted).toMatchObject({ severity: 'high' });
  expect(seen(prefix + grants(20).join('\n'), 'cli-role-granted')).not.toHaveProperty('omitted');
});

test('the evidence of an event shows its most severe line', () => {
  expect(seen(prefix + [...grants(600), grant].join('\n'), 'cli-role-granted').message).toContain(
    'mallory',
  );
});

test.each([
  ['grants', (size: number) => prefix + grants(size / 32).join('\n')],
  ['grants in JSON', (size: number) => JSON.stringify({ event: grants(size / 32) })],
  [
    'commands',
    (size: number) => echo(...many(size / 40, (at) => `airflow users add-role -u u${at} -r Op`)),
  ],
  ['echoes on one line', (size: number) => prefix + "Running command: ['a'] ".repeat(size / 24)],
  ['statements without an end', (size: number) => `${prefix}${'[SQL: x\n'.repeat(size / 8)}`],
  [
    'lists of a program',
    (size: number) => echo(`python3 -c "${"run(['airflow', 'x'])\n".repeat(size / 24)}"`),
  ],
  ['prefixes', (size: number) => '[x] '.repeat(size / 4)],
  [
    'coloured names',
    (size: number) => prefix + 'User "\u001b[1mx" added to role "y"\n'.repeat(size / 36),
  ],
  [
    'names with words of the line',
    (size: number) => `${prefix}User "x" added to role "${'" added to role "'.repeat(size / 17)}"`,
  ],
])('the cost of reading an event is linear in its length: %s', (_, line) => {
  const reading = (size: number) => {
    const matched = { ...event, message: line(size), detections: [...plan.keys()] };
    return () => void observe(matched, readSignals(matched, plan));
  };
  expect(growth(reading, 8192)).toBeLessThan(linearGrowth);
});
