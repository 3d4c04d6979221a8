import { readFileSync } from 'node:fs';
import { signalsOf } from './pack.ts';

/**
 * Texts that bash was given: under bash 5.2 each of `run` started a program named airflow with the words
 * of a command that changes privileges; those of `shown` start none that does. Those of `handedOn` give
 * such a command to something that may run it where no shell of the task sees it.
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
  'what bash runs is a command: %s',
  (_, text) => {
    for (const line of [asAirflow2(text), asAirflow3(text)]) {
      const signals = signalsOf('Task', line);
      expect(signals).not.toEqual([]);
      for (const signal of signals)
        expect(signal).toMatchObject({ kind: 'command', severity: 'medium' });
    }
  },
);

test.each(texts.shown)('what is shown and no more is none: %s', (text) => {
  for (const line of [asAirflow2(text), asAirflow3(text)]) {
    expect(signalsOf('Task', line)).toEqual([]);
  }
});
