import { observe } from '../../../lambda/lines/event-identity.ts';
import { cutOf } from '../../../lambda/lines/event-text.ts';
import { signalsOf } from '../../queries/pack.ts';

const head = '[2026-11-22T07:17:40.000+0000] {subprocess.py:88} INFO - ';
const event = { logGroup: 'g', logStream: 's', timestamp: 0, detections: ['d'] };

/** A BashOperator's echo of a long text, as Python and then JSON write it, cut off right after a text. */
function echoCutBehind(text: string, isJson: boolean): string {
  const echo = `Running command: ['/usr/bin/bash', '-c', ': ${'x'.repeat(260_000)}; ${text}`;
  if (!isJson) return head + echo;
  return JSON.stringify({ timestamp: '2026-11-22T07:00:40Z', level: 'info', event: echo }).slice(
    0,
    -2,
  );
}

describe.each([false, true])('an echo cut off by the log, in JSON: %s', (isJson) => {
  test.each([
    [
      'airflow users add-role -u eve -r Admin',
      { verb: 'grant-role', target: 'eve', role: 'Admin…' },
    ],
    ['airflow users add-role -u eve ', { verb: 'grant-role', target: 'eve' }],
    ['airflow users add-ro', { kind: 'command' }],
    ['airflow users ', { kind: 'command' }],
    ['psql -c "INSERT INTO ab_user_role VALUES (', { object: 'ab_user_role' }],
    ['psql -c "INSERT INTO ab_user_ro', { object: 'ab_user_ro…' }],
  ])('is read from what is left: %s', (text, expected) => {
    const message = echoCutBehind(text, isJson);
    const signals = signalsOf('Task', message);
    expect(signals).toMatchObject([expected]);
    expect(observe({ ...event, message }, signals).cut).toBe(true);
  });
});

test.each([
  ['User "eve" added to role "Adm', { verb: 'grant-role', role: 'Adm', severity: 'critical' }],
  ['User "eve" added to ro', { verb: 'grant-role', target: 'eve', severity: 'critical' }],
  ['User "eve" ', { target: 'eve', severity: 'critical' }],
])('a success line cut off by the log counts with the worst role: %s', (line, expected) => {
  const message = `${head}${'x'.repeat(64_000)}\n${line}`;
  expect(signalsOf('Task', message)).toMatchObject([expected]);
  expect(signalsOf('Task', `${head}${line}`)).not.toMatchObject([{ severity: 'critical' }]);
});

test.each([
  ['a short line', `${head}Running command: ['bash', '-c', 'date']`, undefined],
  ['a list that is not closed', `${head}Running command: ['bash', '-c', 'date`, 'open'],
  ['a list of which nothing is left', `${head}Running command: [`, 'open'],
  ['JSON that is closed', '{"event":"x"}', undefined],
  ['JSON that is not', '{"event":"x', 'open'],
  ['long JSON that is whole', JSON.stringify({ event: 'x'.repeat(300_000) }), undefined],
  [
    'long JSON that ends in a brace',
    JSON.stringify({ event: `${'x'.repeat(99_000)}"}"}` }).slice(0, -4),
    'open',
  ],
  ['a long line, wherever it ends', `${head}Running command: ['${'x'.repeat(64_000)}']`, 'long'],
])('%s may be cut: %#', (_, message, expected) => {
  expect(cutOf(message)).toBe(expected);
});
