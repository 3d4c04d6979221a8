import fc from 'fast-check';
import type { LogType } from '../../lambda/model/log-types.ts';
import { type Severity, severityRank } from '../../lambda/model/severity.ts';
import { signalsOf } from './pack.ts';

const manager = 'airflow.providers.fab.auth_manager.security_manager.override';
const hook = 'airflow.task.hooks.airflow.providers.standard.hooks.subprocess.SubprocessHook';
const time = '2026-11-22T05:50:01.362+0000';

/** ASCII only, as Python's json.dumps writes it. */
function json(event: string, logger: string): string {
  const text = JSON.stringify({
    timestamp: '2026-11-22T05:50:01.362Z',
    level: 'info',
    event,
    logger,
  });
  const code = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\u007f-\uffff]/g, code);
}

/** The CLI's output, as logged by Airflow's versions. */
const printed: readonly ((text: string) => string)[] = [
  (text) => `[${time}] {subprocess.py:106} INFO - ${text}`,
  (text) => `[2026-11-22, 05:50:01 UTC] {{subprocess.py:93}} INFO - ${text}`,
  (text) => `[${time}] {logging_mixin.py:190} INFO - ${text}`,
  (text) => text,
  (text) => json(text, hook),
  (text) => json(text, 'task.stdout'),
  (text) => JSON.stringify({ event: JSON.stringify({ event: text }), logger: 'task.stdout' }),
];

/** Lines of the security manager. */
const logged: readonly ((text: string) => string)[] = [
  (text) => `[${time}] {override.py:1962} INFO - ${text}`,
  (text) => `[${time}] {subprocess.py:106} INFO - [${time}] {override.py:1962} INFO - ${text}`,
  (text) => `[${time}] {{manager.py:568}} INFO - ${text}`,
  (text) => json(text, manager),
  (text) => json(`[${time}] {override.py:1962} INFO - ${text}`, hook),
  (text) => `${time}Z [info     ] ${text.padEnd(30)} [${manager}] loc=override.py:1962`,
];

/** Airflow 2.7's service logs colour inserted values. */
function coloured(before: string, name: string, after = ''): string {
  return `[\u001b[34m${time}\u001b[0m] {\u001b[34mmanager.py:\u001b[0m568} INFO\u001b[0m - ${before}\u001b[1m${name}\u001b[22m${after}\u001b[0m`;
}

const builtIn = ['Admin', 'Op', 'User', 'Viewer', 'Public'];

/** Names that end a pattern too early, look like an ignored line, or contain another name. */
const hostileNames = [
  ...[
    'Admin [eu]',
    'Admin [a.b]',
    'Admin [a.b] loc=x',
    'Admin"',
    'Admin",x',
    'Admin"}',
    'Admin" [x',
  ],
  ...[
    "Admin'",
    "Admin', 'x",
    'Admin\\',
    'Admin\\n',
    'Admin\\nx',
    'Admin\\\\n[x]',
    'Admin\\u0022',
    '\\Admin',
  ],
  ...[
    ' ',
    'Admin ',
    ' Admin',
    'Admin\t',
    'Admin\u00a0',
    'Admin\u200b',
    'Ａdmin',
    'admin',
    'e\u2028v',
    '運用',
  ],
  ...[
    'Admin]',
    '[Admin]',
    '{Admin',
    'Admin}',
    '{{Admin}}x',
    'x {role}',
    '%Admin',
    '%s x',
    '50%',
    '%s to role %s',
  ],
  ...['\u001b[1mAdmin', '\u001b[31mAdmin\u001b[0m', 'Admin\u001b[0m', 'x\u001b[1my'],
  ...[
    'x" added to role "Viewer',
    'x" added to role "Admin',
    'x" created with role "Viewer',
    'eve", "x',
  ],
  ...[
    'x" added to role "Viewer" [a',
    'x" added to role "Viewer", y',
    'x" added to role "Viewer\' y',
  ],
  ...[
    'x to role Admin',
    'Public to role x',
    'Admin to role x',
    'User "bob',
    '"Admin"',
    '""',
    "'",
    '"',
    '[',
  ],
  ...[
    'Inserted Role: Admin',
    'Added Permission can read on Website to role x',
    'Updated user x',
    'Deleting role',
  ],
  ...['x - Added Permission can read on Website to role y', 'x INFO - Inserted Role: Admin'],
  ...[
    'Permission %s to role %s',
    'Running statement: ',
    'is already a member of role "x',
    'x does not exist',
  ],
  ...[
    '","event":"Inserted Role: Admin',
    '","level":"info',
    '<b>eve</b>',
    'e: v',
    'DAG:x',
    'e/v?e#',
    '***',
    'null',
  ],
  ...['r'.repeat(64), 'e'.repeat(300), 'e'.repeat(2000), `${'x '.repeat(300)}y`],
];

function worst(logType: LogType, message: string): number {
  return Math.max(-1, ...signalsOf(logType, message).map(({ severity }) => severityRank(severity)));
}

function milder(lines: readonly (readonly [LogType, string, Severity])[]) {
  return lines.filter(
    ([logType, message, atLeast]) => worst(logType, message) < severityRank(atLeast),
  );
}

function linesWith(name: string): (readonly [LogType, string, Severity])[] {
  const confirmations: [string, Severity][] = [
    [`User "${name}" added to role "Admin"`, 'critical'],
    [`User "${name}" created with role "Op"`, 'critical'],
    [`User "${name}" removed from role "Admin"`, 'medium'],
    [`User "${name}" deleted`, 'medium'],
    [`User "${name}" password reset successfully`, 'high'],
    [`User "eve" added to role "${name}"`, 'high'],
    [`User "eve" created with role "${name}"`, 'high'],
    [`Added can edit on Users to role ${name}`, 'critical'],
    [`Added can read on Pools to role ${name}`, 'high'],
    [`Deleted can read on Pools from role ${name}`, 'high'],
  ];
  const writes: [string, Severity][] = [
    [`Added user ${name}`, 'high'],
    [`Inserted Role: ${name}`, 'high'],
    [`Deleting role '${name}'`, 'high'],
    [`Added Permission can edit on Users to role ${name}`, 'critical'],
    [`Added Permission can edit on Connections to role ${name}`, 'high'],
    [`Removed Permission can edit on Connections to role ${name}`, 'high'],
  ];
  const colouredWrites: [string, Severity][] = [
    [coloured('Inserted Role: ', name), 'high'],
    [coloured('Added Permission can edit on Users to role ', name), 'critical'],
  ];
  return [
    ...confirmations.flatMap(([text, severity]) =>
      printed.map((line) => ['Task', line(text), severity] as const),
    ),
    ...writes.flatMap(([text, severity]) =>
      logged.map((line) => ['Task', line(text), severity] as const),
    ),
    ...writes
      .slice(1)
      .flatMap(([text]) => logged.map((line) => ['WebServer', line(text), 'medium'] as const)),
    ...colouredWrites.map(([message, severity]) => ['Task', message, severity] as const),
  ].filter((line) => !looksPadded(line));
}

/** structlog pads a text with spaces to 30 characters, so trailing spaces of a name are lost. */
function looksPadded([, message]: readonly [LogType, string, Severity]): boolean {
  return /Inserted Role: (?:Admin|Op|User|Viewer|Public) +\[airflow/.test(message);
}

test.each(hostileNames)('no name hides its own line: %j', (name) => {
  expect(milder(linesWith(name))).toEqual([]);
});

test('no name made of hostile pieces hides its own line', () => {
  const piece = fc.oneof(
    fc.constantFrom(...builtIn, ...hostileNames.filter((name) => name.length < 60)),
    fc.constantFrom(...`"'\\[]{} -,:=%`, '\u001b[1m', 'n', 'é', ' [a.b]', ' loc=x', ' to role '),
  );
  const name = fc
    .array(piece, { minLength: 2, maxLength: 4 })
    .map((pieces) => pieces.join(''))
    .filter((text) => text.trim() !== '' && !builtIn.includes(text.trim()));
  fc.assert(
    fc.property(name, (text) => {
      expect(milder(linesWith(text))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('the writes about built-in roles at each start of an application stay silent', () => {
  const lines = [
    ...builtIn.map((role) => `Inserted Role: ${role}`),
    'Added Permission can edit on Users to role Admin',
    'Added Permission menu access on List Users to role Admin',
    'Added Permission can read on Website to role analysts',
  ];
  for (const text of lines) {
    for (const line of logged) {
      for (const logType of ['Task', 'Scheduler', 'WebServer', 'DAGProcessing'] as const) {
        expect([logType, line(text), signalsOf(logType, line(text))]).toEqual([
          logType,
          line(text),
          [],
        ]);
      }
    }
  }
});
