import { readFileSync } from 'node:fs';
import { signalsOf } from './pack.ts';

/**
 * Texts run by bash 5.2: each of `run` started a program named airflow with the words of a command
 * that changes privileges; none of `shown` did. Those of `handedOn` pass such a command to a
 * program that may run it outside of the task's shells.
 */
const texts: {
  readonly run: Readonly<Record<string, string>>;
  readonly handedOn: Readonly<Record<string, string>>;
  readonly shown: readonly string[];
} = JSON.parse(readFileSync(new URL('../fixtures/shell-texts.json', import.meta.url), 'utf8'));

/** BashOperator's line, as Python shows a list of strings. */
function echo(command: string): string {
  const escaped = command.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const shown = escaped.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `Running command: ['/usr/bin/bash', '-c', '${shown}']`;
}

const asAirflow2 = (command: string) =>
  `[2026-11-22T07:00:01.000+0000] {subprocess.py:88} INFO - ${echo(command)}`;
const asAirflow3 = (command: string) =>
  JSON.stringify({ level: 'info', event: echo(command), logger: 'airflow.task.hooks.Subprocess' });

test.each(Object.entries({ ...texts.run, ...texts.handedOn }))(
  'text that bash runs is a command: %s',
  (_, text) => {
    for (const line of [asAirflow2(text), asAirflow3(text)]) {
      const signals = signalsOf('Task', line);
      expect(signals).not.toEqual([]);
      for (const signal of signals)
        expect(signal).toMatchObject({ kind: 'command', severity: 'medium' });
    }
  },
);

test.each(texts.shown)('text that is only shown is not a command: %s', (text) => {
  for (const line of [asAirflow2(text), asAirflow3(text)]) {
    expect(signalsOf('Task', line)).toEqual([]);
  }
});

const act = { verb: 'grant-role', target: 'eve', role: 'Admin' };

test.each([
  "echo 'users add-role' | xargs -I{} sh -c 'airflow {} -u eve -r Admin'",
  "echo 'users add-role -u eve -r Admin' | xargs -I{} sh -c 'airflow {}'",
  "echo users | xargs -I % bash -c 'x=1; airflow % add-role -u eve -r Admin'",
  "echo 'airflow users add-role -u eve -r Admin' | xargs -I{} sh -c '{}'",
])('a command completed by xargs is one command: %s', (text) => {
  expect(signalsOf('Task', asAirflow2(text))).toMatchObject([act]);
});

test.each([
  ['subprocess.py:88', echo('airflow users add-role -u eve -r Admin')],
  ['subprocess.py:106', '+ airflow users add-role -u eve -r Admin'],
  ['subprocess.py:106', 'User "eve" added to role "Admin"'],
])('a line with a masked level gives its signal once: %s - %s', (place, text) => {
  const line = `[2026-11-22T07:00:01.000+0000] {${place}} *** - ${text}`;
  expect(signalsOf('Task', line)).toMatchObject([act]);
});

test.each([
  ['Added Permission can edit on Users to role ops', 'add-permissions'],
  ['Inserted Role: ops', 'create-role'],
  ['Added user eve', 'create-user'],
])("a security manager's line with a masked level gives its signal once: %s", (text, verb) => {
  const line = `[2026-11-22T07:00:01.000+0000] {override.py:1962} *** - ${text}`;
  expect(signalsOf('Task', line)).toMatchObject([{ verb }]);
});
