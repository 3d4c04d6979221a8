import { readFileSync } from 'node:fs';
import { severityRank } from '../../lambda/model/severity.ts';
import { signalsOf } from './pack.ts';

/** Output of harmless tasks: other products, tests, manuals, tools that manage users elsewhere. */
const texts = readFileSync(new URL('../fixtures/look-alikes/texts.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

const alerting = (logType: 'Task' | 'Scheduler', message: string) =>
  signalsOf(logType, message).filter(
    ({ severity }) => severityRank(severity) >= severityRank('medium'),
  );

describe.each<[where: string, line: (text: string) => string]>([
  ['a command', (text) => `[2026-11-22T07:17:40.000+0000] {subprocess.py:106} INFO - ${text}`],
  ['a print', (text) => `[2026-11-22T07:17:40.000+0000] {logging_mixin.py:190} INFO - ${text}`],
  [
    'a print on Airflow 3',
    (event) => JSON.stringify({ level: 'info', event, chan: 'stdout', logger: 'task' }),
  ],
])('the output of %s notifies nobody', (_, line) => {
  test.each(texts)('%s', (text) => {
    expect(alerting('Task', line(text))).toEqual([]);
  });
});

test.each([
  'etl.manager',
  'override',
  'etl.fab_security.sync',
  'flask_appbuilder.security.sqla.manager',
])("a logger of one's own is not Airflow's security manager: %s", (logger) => {
  const event = 'Added user bob';
  const struct = `2026-05-06T01:00:14.610844Z [info     ] ${event} [${logger}] loc=manager.py:15`;
  expect(alerting('Task', JSON.stringify({ event, logger, filename: 'manager.py' }))).toEqual([]);
  expect(alerting('Task', struct)).toEqual([]);
});

test.each([
  '{manager.py:12} INFO - Updated user profile picture',
  '{{manager.py:7}} INFO - Added user bob to queue',
  '{override.py:31} INFO - Added Permission read on x to role Public',
  '{security.py:8} INFO - Deleting role nurse',
  "{security.py:8} INFO - Deleting role 'x' in vault",
])("nobody is notified of what a DAG's own module writes: %s", (text) => {
  expect(alerting('Task', `[2026-11-22T07:17:40.000+0000] ${text}`)).toEqual([]);
  const ofCommand = `[2026-11-22T07:17:40.000+0000] {subprocess.py:106} INFO - [t] ${text}`;
  expect(alerting('Task', ofCommand)).toEqual([]);
});

test.each([
  ':INFO:superset.security.manager:Syncing role definition',
  ':INFO:superset.utils.logging_configurator:logging was configured successfully',
  ':INFO:flask_appbuilder.security.sqla.manager:Added user admin',
])("a line of Superset's log says whose user is made: %s", (text) => {
  const at = '[2026-11-22, 05:50:12 UTC] {{subprocess.py:93}} INFO - 2026-11-22 05:50:12,123';
  expect(signalsOf('Task', at + text)).toMatchObject([{ kind: 'other-product', severity: 'info' }]);
});

const granted = 'User "eve" added to role "Admin"';
const added = '[2026-11-22T05:50:01.357+0000] {override.py:1678} INFO - Added user eve';

test.each([
  ...['%s', '\t%s', '[base] %s', '- %s', 'stdout: %s', '[stdout] %s', 'rc=0 out=%s', '» %s'],
  ...['Command output: %s', 'Done. Returned value was: %s', 'worker-1  | %s', '%s.', '%s\r'],
  ...["['%s']", "('%s\\n', '')", "stdout=b'x\\n%s\\n'", 'INFO:airflow.task:%s', '{"out": "%s"}'],
  ...['[2026-11-22 05:47:51,868: WARNING/ForkPoolWorker-2] %s', '2026-11-22T05:50:01Z stdout F %s'],
])("Airflow's output is reported whatever a task prints around it: %s", (wrapper) => {
  const line = (text: string) =>
    `[2026-11-22T07:17:40.000+0000] {logging_mixin.py:190} INFO - ${wrapper.replace('%s', text)}`;
  expect(signalsOf('Task', line(granted))).toMatchObject([{ role: 'Admin', severity: 'critical' }]);
  expect(signalsOf('Task', line(added))).toMatchObject([{ verb: 'create-user', severity: 'high' }]);
});

test.each([...['ok so %s', 'done: %s', '%s', 'the first of all %s', 'x %s.', '{"out": "yes %s"}']])(
  "words of a DAG's author before Airflow's make them no milder: %s",
  (wrapper) => {
    const texts = [granted, 'User "eve" created with role "Admin"'];
    for (const text of texts) {
      const line = `[2026-11-22T07:17:40.000+0000] {logging_mixin.py:190} INFO - ${wrapper.replace('%s', text)}`;
      expect(signalsOf('Task', line)).toMatchObject([{ role: 'Admin', severity: 'critical' }]);
    }
  },
);

test.each(['%s now', '%s, bye', '%s (tenant 4)', 'example %s', 'expected: %s', 'Okta: %s'])(
  'an ambiguous line is recorded with its possible meaning: %s',
  (wrapper) => {
    const line = `[2026-11-22T07:17:40.000+0000] {subprocess.py:106} INFO - ${wrapper.replace('%s', granted)}`;
    expect(signalsOf('Task', line)).toMatchObject([
      { target: 'eve', role: 'Admin', severity: 'low', fullSeverity: 'critical' },
    ]);
  },
);

const esc = '\u001b[';
const manager = 'airflow.providers.fab.auth_manager.security_manager.override';

test.each<[what: string, message: string]>([
  [
    'its own words, as Airflow 2.7 colours a name of spaces',
    `[${esc}34m2026-11-22T07:17:40.000+0000${esc}0m] {${esc}34mmanager.py:${esc}0m568} INFO${esc}0m - Inserted${esc}1m ${esc}22mRole:  ${esc}0m`,
  ],
  [
    'a line of structlog',
    `${esc}2m2026-05-06T01:00:14.610844Z${esc}0m [${esc}32m${esc}1minfo     ${esc}0m] ${esc}1mInserted Role: ops     ${esc}0m [${esc}0m${esc}1m${esc}34m${manager}${esc}0m]${esc}0m ${esc}36mloc${esc}0m=${esc}35moverride.py:1507${esc}0m`,
  ],
  [
    'a string of JSON',
    JSON.stringify({ event: `${esc}1mInserted Role: ops${esc}0m`, logger: manager }),
  ],
  [
    'the members of JSON',
    `{${esc}34m"event"${esc}0m: ${esc}32m"Inserted Role: ops"${esc}0m, ${esc}34m"logger"${esc}0m: "${manager}"}`,
  ],
])('colours hide no line: %s', (_, message) => {
  expect(signalsOf('Task', message)).toMatchObject([{ verb: 'create-role', severity: 'high' }]);
});

const inPlace = (text: string) =>
  `[2025-01-02T02:03:38.406+0000] {override.py:1962} INFO - ${text}`;
const ofStructlog = (text: string) =>
  `2026-05-06T01:00:14.610844Z [info     ] ${text} [${manager}] loc=override.py:1711`;

/** As structlog writes it for a terminal. */
const ofColouredStructlog = (text: string) =>
  `${esc}2m2026-05-06T01:00:14.610844Z${esc}0m [${esc}32m${esc}1minfo     ${esc}0m] ${esc}1m${text}${esc}0m [${esc}0m${esc}1m${esc}34m${manager}${esc}0m]${esc}0m ${esc}36mloc${esc}0m=${esc}35moverride.py:1711${esc}0m`;

test('the permissions that Airflow gives its roles at each start notify nobody', () => {
  for (const text of [
    'Added Permission can edit on Connections to role Op',
    'Added Permission menu access on Task Instances to role Viewer',
    'Added Permission can edit on My Password to role User',
    'Added Permission can edit on Users to role Admin',
  ]) {
    for (const line of [
      inPlace,
      ofStructlog,
      ofColouredStructlog,
      (one: string) => `[INFO] - ${inPlace(one)}`,
    ]) {
      expect(alerting('Scheduler', line(text))).toEqual([]);
    }
  }
});

test('structlog pads its text with spaces, which are not part of a name', () => {
  const inserted = (role: string) => ofColouredStructlog(`Inserted Role: ${role}`.padEnd(30));
  expect(alerting('Scheduler', inserted('Viewer'))).toEqual([]);
  expect(alerting('Scheduler', inserted('Viewers'))).toMatchObject([{ role: 'Viewers' }]);
});

test.each([
  ['Viewer', 'can edit on Connections'],
  ['Viewer', 'can read on Audit Logs'],
  ['User', 'can read on Variables'],
  ['Op', 'can edit on Roles'],
  ['Op', 'can read on Users'],
  ['Public', 'can read on DAGs'],
  ['analysts', 'can read on DAGs'],
  ['Viewer"', 'can read on DAGs'],
  ['Viewer [eu]', 'can read on DAGs'],
  ['Admin [eu]', 'can read on DAGs'],
  ['Viewer\u001b[0m', 'can read on DAGs'],
  ['***', 'can read on DAGs'],
])('more than the default permissions is reported: role %s, %s', (role, permission) => {
  const text = `Added Permission ${permission} to role ${role}`;
  for (const line of [inPlace, ofStructlog, ofColouredStructlog]) {
    expect(alerting('Scheduler', line(text))).toMatchObject([{ verb: 'add-permissions' }]);
  }
});
