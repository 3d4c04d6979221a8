import { observe } from '../../../lambda/lines/event-identity.ts';
import { readPrivilegeCommands } from '../../../lambda/lines/event-text.ts';
import { readSignals } from '../../../lambda/lines/read-signals.ts';
import type { Signal } from '../../../lambda/model/signal.ts';
import type { DetectionInPlan } from '../../../lambda/plan/scan-plan.ts';
import { textsOf } from '../../../lambda/text/log-text.ts';
import { signalsOf } from '../../queries/pack.ts';
import { planRegexp } from '../../regexp-programs.ts';

function commandsOf(command: string) {
  return readPrivilegeCommands(textsOf(`Running command: ['bash', '-c', ${quoted(command)}]`));
}

/** Python's repr of a string. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A grant inside `depth` shells. */
function nested(depth: number): string {
  let command = 'airflow users add-role -u bob -r Admin';
  for (let at = 0; at < depth; at += 1) command = `bash -c ${shellWord(command)}`;
  return command;
}

function shellWord(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

test('a command that is nested too deep to be read becomes an unread command', () => {
  expect(commandsOf(nested(2))).toMatchObject([{ verb: 'grant-role', target: 'bob' }]);
  expect(commandsOf(nested(9))).toEqual([{ unread: true }]);
});

test('an option -h of the program that runs a command is no call for help', () => {
  expect(commandsOf('kexec -h pod airflow users add-role -u bob -r Admin')).toMatchObject([
    { verb: 'grant-role', target: 'bob', role: 'Admin' },
  ]);
});

test('a name longer than any of Airflow is cut', () => {
  const message = `User "${'x'.repeat(5_000)}" added to role "Admin"`;
  const [{ target = '' } = {}] = signalsOf('Task', message);
  expect(target.length).toBeGreaterThan(512);
  expect(target.length).toBeLessThan(2_000);
});

test('an event has at most a hundred signals; the rest are only counted', () => {
  const signals = Array.from(
    { length: 300 },
    (_, at): Signal => ({
      ...{ kind: 'outcome', detections: ['d'], severity: 'high' },
      ...{ verb: 'grant-role', target: `user ${at}` },
    }),
  );
  const event = { logGroup: 'g', logStream: 's', timestamp: 0, message: 'm', detections: ['d'] };
  const observed = observe(event, signals);
  expect(observed.signals).toHaveLength(100);
  expect(observed.omitted).toEqual({ count: 200, severity: 'high' });
});

test.each(['000', '099', '600', '999'])(
  'a status of %s is not an HTTP status and is left out',
  (status) => {
    const line = `127.0.0.1 - - [22/Nov/2026:05:50:10 +0000] "POST /users/edit/6 HTTP/1.1" ${status} 189 "-" "curl"`;
    for (const signal of signalsOf('WebServer', line)) expect(signal.status).toBeUndefined();
    expect(signalsOf('WebServer', line)).not.toEqual([]);
  },
);

test('a word that is a property of every JavaScript object is no verb', () => {
  const detection: DetectionInPlan = {
    ...{ id: 'd', title: 't', severity: 'high', raise: [], signal: 'outcome' },
    ...{ attack: [], runbook: 'r', anchors: [] },
    verb: { parsed: 'did', values: { Added: 'create-user' } },
    parse: [planRegexp('^(\\w+) user', { did: 1 })],
  };
  const event = { logGroup: 'g', logStream: 's', timestamp: 0, detections: ['d'] };
  const read = (message: string) => readSignals({ ...event, message }, new Map([['d', detection]]));
  expect(read('Added user')).toMatchObject([{ verb: 'create-user' }]);
  expect(read('constructor user')[0]?.verb).toBeUndefined();
});
