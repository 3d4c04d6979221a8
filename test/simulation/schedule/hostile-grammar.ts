import type { SeededRandom } from '../seeded-random.ts';
import { hostileName, inventedName } from './hostile-names.ts';
import {
  type LogFormat,
  requestFormats,
  securityManagerFormats,
  sqlFormats,
  taskFormats,
  written,
} from './log-formats.ts';

/** What an attacker writes; each kind is counted when a query returns a line of it. */
export const hostileKinds = [
  /** Requests that the web server logs and nobody can make sense of. */
  'poison-request',
  /** Genuine-looking lines about names that were chosen to do harm. */
  'hostile-names',
  /** Success lines of changes that nobody made. */
  'forged-success',
  /** Failures of commands that others run. */
  'forged-failure',
  /** Refusals by the web server, and looks at forms that were really refused. */
  'forged-denial',
  /** Mild outcomes that other lines could be taken for a part of. */
  'mild-outcome',
  /** Statements with their results, and without them. */
  'statements',
  /** Commands that are echoed and never say how they ended. */
  'commands',
  'cut-off-json',
  'huge-line',
  /** One event that says hundreds of things, the worst of them last. */
  'many-in-one-line',
  /** Texts on which a backtracking matcher never ends. */
  'backtracking',
  /** More lines in one second than an answer holds, each of them about somebody else. */
  'flood-in-a-second',
  'flood-in-a-minute',
  /** Its row in an answer cannot be read. */
  'unreadable-row',
] as const;

/** Kinds that have many lines. */
export const floodKinds: readonly HostileKind[] = ['flood-in-a-second', 'flood-in-a-minute'];

export type HostileKind = (typeof hostileKinds)[number];

/** Where an attacker can write: as a task, as a DAG file that is parsed, or by asking the web server. */
export const attackers = ['task', 'dag-file', 'web'] as const;

export type Attacker = (typeof attackers)[number];

/** The purpose of a line. */
export interface Occasion {
  readonly random: SeededRandom;
  readonly attacker: Attacker;
  readonly epochMs: number;
  /** Its place among the lines of the act. */
  readonly index: number;
  /** How many lines the act has. */
  readonly count: number;
  /** A user whom a real change concerns. */
  readonly victim: string;
}

/** One line of an act, or several that are written in the same moment. */
export function hostileTexts(kind: HostileKind, occasion: Occasion): readonly string[] {
  const { random, attacker, epochMs, index, victim } = occasion;
  if (attacker === 'web') return requestTexts(kind, occasion);
  const one = (text: string, formats = taskFormats) => [written(random, formats, text, epochMs)];
  switch (kind) {
    case 'poison-request':
      return [poisonRequest(occasion)];
    case 'hostile-names':
      return one(...success(occasion, hostileName(random), hostileName(random)));
    case 'forged-success':
    case 'flood-in-a-second':
    case 'flood-in-a-minute':
    case 'unreadable-row':
      return one(...success(occasion, inventedName(random, index), random.pick(roles)));
    case 'forged-failure':
      return one(random.pick(failures)(random.chance(0.7) ? victim : hostileName(random)));
    case 'forged-denial':
      return one(denial(random));
    case 'mild-outcome':
      return one(random.pick(mildOutcomes));
    case 'statements':
      return statement(occasion);
    case 'commands':
      return one(command(occasion));
    case 'cut-off-json':
      return [cutOffJson(occasion)];
    case 'huge-line':
      return one(
        `${'x'.repeat(random.int(20_000, 120_000))} ${success(occasion, 'eve', 'Admin')[0]}`,
      );
    case 'many-in-one-line':
      return one(manyInOne(occasion));
    case 'backtracking':
      return one(random.pick(pumped)(random.int(20, 400)), [...taskFormats, ...sqlFormats]);
  }
}

/** A client of the web server chooses only its request. */
function requestTexts(kind: HostileKind, occasion: Occasion): readonly string[] {
  const { random, index } = occasion;
  switch (kind) {
    case 'forged-denial':
      return refusedLook(occasion);
    case 'forged-success':
    case 'flood-in-a-second':
    case 'flood-in-a-minute':
      return [request(occasion, inventedName(random, index))];
    default:
      return [poisonRequest(occasion)];
  }
}

const roles = ['Viewer', 'Viewer', 'User', 'Op', 'Admin'] as const;

type Written = readonly [text: string, formats?: readonly LogFormat[]];

function success({ random }: Occasion, user: string, role: string): Written {
  return random.pick<Written>([
    [`User "${user}" added to role "${role}"`],
    [`User "${user}" created with role "${role}"`],
    [`User "${user}" removed from role "${role}"`],
    [`Added user ${user}`, securityManagerFormats],
    [`Inserted Role: ${role === 'Viewer' ? user : role}`, securityManagerFormats],
    [`Added Permission can edit on Users to role ${user}`, securityManagerFormats],
    [`Deleting role '${user}'`, securityManagerFormats],
  ]);
}

const failures: readonly ((name: string) => string)[] = [
  (name) => `User "${name}" is already a member of role "Admin"`,
  (name) => `User "${name}" is not a member of role "Viewer"`,
  (name) => `User "${name}" does not exist`,
  (name) => `${name} already exist in the db`,
  () => '"Admin" is not a valid role. Valid roles are: [x]',
  () => 'Missing args: must supply one of --username or --email',
  () => 'RuntimeError: Direct database access via the ORM is not allowed in Airflow 3.0',
  () => 'Rows affected: 0',
  () => 'psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint',
  () => 'Marking task as FAILED. dag_id=dag0, task_id=grant',
  () => 'Failed to execute job 7 for task grant',
];

const mildOutcomes = [
  'Updating actions and resources for all existing roles',
  'Added Permission can read on Website to role Public',
  'Deleted 4 role(s)',
  'Successfully synced permissions',
  'Permissions cleanup successful',
  'Password for user "x" was reset',
  '3 roles imported',
] as const;

const views = ['CustomUserDBModelView', 'CustomRoleModelView', 'ResetPasswordView'] as const;

function denial(random: SeededRandom): string {
  const permission = random.pick(['can_add', 'can_edit', 'can_delete', 'can_this_form_post']);
  return `Access is Denied for: ${permission} on: ${random.pick(views)}`;
}

const denialFormat: LogFormat = (text, at) =>
  `[${new Date(at).toISOString().replace('Z', '')}+0000] {decorators.py:193} WARNING - ${text}`;

/**
 * What the web server writes when somebody opens a form without permission: the denial, then the
 * request.
 */
function refusedLook({ random, epochMs }: Occasion): readonly string[] {
  const path = random.pick(['/users/edit/3', '/users/add', '/roles/edit/1']);
  const look = { method: 'GET', path, status: '302', user: 'eve' };
  const collection = path.startsWith('/roles') ? 'CustomRoleModelView' : 'CustomUserDBModelView';
  const permission = path.endsWith('/add') ? 'can_add' : 'can_edit';
  const text = `Access is Denied for: ${permission} on: ${collection}`;
  return [denialFormat(text, epochMs), random.pick(requestFormats)(look, epochMs)];
}

function request({ random, epochMs }: Occasion, name: string): string {
  const path = `/auth/fab/v1/users/${encodeURI(name.toWellFormed())}`;
  const status = random.pick(['200', '204', '302', '403', '404']);
  return random.pick(requestFormats)(
    { method: random.pick(['PATCH', 'DELETE', 'POST']), path, status, user: 'eve' },
    epochMs,
  );
}

const poisonPaths: readonly ((random: SeededRandom) => string)[] = [
  () => '/resetpassword/form?pk=',
  () => '/resetpassword/form?pk=%00',
  () => '/resetpassword/form?pk=&pk=1',
  () => '/users/edit/',
  () => '/users/edit/%',
  () => '/users/edit/%FF%FE',
  () => '//users//edit//7',
  () => '/%75sers/%65dit/7?x=%ZZ',
  () => '/auth/fab/v1/users/',
  () => '/auth/fab/v1/roles/%E0%A4%A',
  (random) => `/auth/fab/v1/users/${'%61'.repeat(random.int(100, 6_000))}`,
  (random) => `/users/edit/${encodeURI(hostileName(random).toWellFormed())}`,
  (random) => `/roles/edit/${hostileName(random)}`,
];

/** Statuses that a server sends, and invalid ones. */
const statuses = [
  '302',
  '302',
  '400',
  '400',
  '200',
  '403',
  '000',
  '999',
  'abc',
  '-',
  '',
  '1e3',
] as const;

function poisonRequest({ random, epochMs }: Occasion): string {
  const agent = random.chance(0.2) ? hostileName(random) : 'curl/8.5.0';
  const user = random.chance(0.2) ? hostileName(random) : '-';
  return random.pick(requestFormats)(
    {
      method: random.pick(['POST', 'POST', 'PUT', 'DELETE', 'PATCH']),
      path: random.pick(poisonPaths)(random),
      status: random.pick(statuses),
      ...{ user, agent },
    },
    epochMs,
  );
}

const tables = [
  'ab_user',
  'ab_user_role',
  'AB_ROLE',
  '"public"."ab_permission_view_role"',
] as const;

function statement({ random, epochMs }: Occasion): readonly string[] {
  const table = random.pick(tables);
  const name = random.chance(0.5) ? 'eve' : hostileName(random);
  const sql = random.pick([
    `INSERT INTO ${table} VALUES (1, '${name}')`,
    `update /* x */ ${table} set active = true where username = '${name}';`,
    `DELETE\n FROM ${table}`,
    `SELECT * FROM ${table}`,
  ]);
  const format = random.pick(sqlFormats);
  const result = random.pick([
    '',
    '',
    'Rows affected: 1',
    'Rows affected: 0',
    'Rows affected: -1',
    'Rows affected: 99999999999999999999',
    'psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "ab_user_pkey"',
  ]);
  return [`Running statement: ${sql}, parameters: None`, ...(result === '' ? [] : [result])].map(
    (text) => format(text, epochMs),
  );
}

function command({ random, index }: Occasion): string {
  const name = inventedName(random, index);
  const quoted = random.chance(0.5) ? `'${name}'` : name;
  return `Running command: ['bash', '-c', ${JSON.stringify(
    random.pick([
      `airflow users add-role -u ${quoted} -r Admin`,
      `airflow users create -u ${quoted} -r ${quoted} -p x`,
      `airflow roles delete ${quoted}`,
      `psql -c "insert into ab_user_role values (1)" ${quoted}`,
    ]),
  )}]`;
}

function cutOffJson(occasion: Occasion): string {
  const { random, epochMs } = occasion;
  const [text] = success(occasion, inventedName(random, 1), 'Admin');
  const whole = JSON.stringify({
    timestamp: new Date(epochMs).toISOString(),
    event: text,
    logger: 'airflow.task.hooks.airflow.providers.standard.hooks.subprocess.SubprocessHook',
  });
  return whole.slice(0, random.int(1, whole.length));
}

function manyInOne({ random, index }: Occasion): string {
  const count = random.int(100, 700);
  const lines = Array.from(
    { length: count },
    (_, at) => `User "eve${index}x${at}" added to role "Viewer"`,
  );
  return [...lines, `User "eve${index}worst" added to role "Admin"`].join('\n');
}

const pumped: readonly ((times: number) => string)[] = [
  (times) => `Running statement: INSERT${'/**/'.repeat(times)} x`,
  (times) => `Running statement: update${'\\n'.repeat(times)}ab_userx`,
  (times) => `Running statement: drop ${'table '.repeat(times)}`,
  (times) => `| INSERT ${'| -- '.repeat(times)}|`,
  (times) => `Added Permission ${'can edit on '.repeat(times)}to role`,
  (times) => `User "${'" added to role "'.repeat(times)}`,
  (times) => `airflow ${'users '.repeat(times)}add-role ${'$('.repeat(times)}`,
  (times) => `airflow users add-role ${'\\\n'.repeat(times)} -u ${'"'.repeat(times)}`,
];
