import fc from 'fast-check';
import { signalsOf } from './pack.ts';

/** As Python shows a string in a list. */
function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

const hook = 'airflow.task.hooks.airflow.providers.standard.hooks.subprocess.SubprocessHook';

/** The lines around a text that Airflow's versions write into the Task group. */
const taskLine = fc.constantFrom(
  (text: string) => `[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - ${text}`,
  (text: string) => `[2026-11-22, 05:50:01 UTC] {{subprocess.py:93}} INFO - ${text}`,
  (text: string) => `[2026-11-22T05:51:59.929+0000] {logging_mixin.py:190} INFO - ${text}`,
  (text: string) =>
    JSON.stringify({
      timestamp: '2026-11-22T05:59:10.510868',
      level: 'info',
      event: text,
      logger: hook,
    }),
  (text: string) => JSON.stringify({ level: 'info', event: text, logger: 'task.stdout' }),
  // Text that is not ASCII may be escaped.
  (text: string) =>
    JSON.stringify({ event: text, chan: 'stdout', logger: 'task' }).replace(
      /[\u0080-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
);

const alphabet = [...`abcXYZ019 -_.,:;'"{}()[]<>/+|&=@#%*?!~éßñ運用д`];
const builtIn = ['Admin', 'Op', 'User', 'Viewer', 'Public'];

/** A name that Airflow accepts, from a hostile alphabet or starting like a built-in role. */
const name = fc
  .oneof(
    fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 24 }).map((c) => c.join('')),
    fc
      .tuple(fc.constantFrom(...builtIn), fc.constantFrom(' lite', ' EU', ' "x"', '-2', "'s", '|a'))
      .map((parts) => parts.join('')),
  )
  .map((text) => text.trim())
  // Names that no pattern can recognize: a template's placeholder, and a quote followed by the end
  // of a line.
  .filter(
    (text) =>
      text !== '' && !/^\{[\w.]*\}(?:$|")/.test(text) && !/["'](?:[,}']|\s*$| +\[)/.test(text),
  )
  .filter((text) => !/^%s$|^["']|[\s\d]:\d/.test(text));

const confirmations = {
  'grant-role': (user: string, role: string) => `User "${user}" added to role "${role}"`,
  'revoke-role': (user: string, role: string) => `User "${user}" removed from role "${role}"`,
  'create-user': (user: string, role: string) => `User "${user}" created with role "${role}"`,
} as const;

test('a confirmation of the CLI gives user and role, whatever their names', () => {
  fc.assert(
    fc.property(
      taskLine,
      fc.constantFrom(...Object.entries(confirmations)),
      name,
      fc.oneof(name, fc.constantFrom(...builtIn)),
      (line, [verb, text], target, role) => {
        const signals = signalsOf('Task', line(text(target, role)));
        expect(signals).toMatchObject([{ kind: 'outcome', verb, target, role }]);
        const isCritical = verb !== 'revoke-role' && (role === 'Admin' || role === 'Op');
        expect(signals[0]?.severity === 'critical').toBe(isCritical);
      },
    ),
    { numRuns: 400 },
  );
});

test('a change of permissions gives the role, and only exact names count as built-in roles', () => {
  fc.assert(
    fc.property(taskLine, fc.oneof(name, fc.constantFrom(...builtIn)), (line, role) => {
      const added = signalsOf('Task', line(`Added can read on DAGs to role ${role}`));
      const severity = role === 'Public' ? 'critical' : 'high';
      expect(added).toMatchObject([{ kind: 'outcome', verb: 'add-permissions', role, severity }]);
      const manager = line(
        `[2026-11-22T05:50:01.362+0000] {override.py:1507} INFO - Inserted Role: ${role}`,
      );
      const inserted = builtIn.includes(role) ? [] : [{ kind: 'write', verb: 'create-role', role }];
      expect(signalsOf('Task', manager)).toMatchObject(inserted);
    }),
    { numRuns: 400 },
  );
});

test("a DAG's access control gives the DAG and the role", () => {
  fc.assert(
    fc.property(name, fc.stringMatching(/^[\w.-]{1,20}$/), (role, dag) => {
      const line = `[2026-11-22T05:50:30.786+0000] {override.py:1962} INFO - Added Permission can edit on DAG:${dag} to role ${role}`;
      expect(signalsOf('DAGProcessing', line)).toMatchObject([
        { kind: 'write', verb: 'change-dag-access', object: dag, role },
      ]);
    }),
  );
});

/** Ways to write one word for a shell. */
const shellQuoting = fc.constantFrom(
  (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
  (text: string) => `"${text.replace(/["\\$`]/g, '\\$&')}"`,
  (text: string) => text.replace(/[^\w.@/-]/g, '\\$&'),
);

const programs = fc.constantFrom(
  'airflow',
  '/usr/local/airflow/.local/bin/airflow',
  '/usr/local/***/.local/bin/***',
  'python -m airflow',
  '/usr/bin/python3.11 -m airflow',
  '"airflow"',
  '$AIRFLOW',
);

const gaps = fc.constantFrom(' ', '  ', ' \\\n', ' \\\n    ');

const wrappers = fc.constantFrom(
  (command: string) => command,
  (command: string) => `set -e; ${command} && echo done`,
  (command: string) => `timeout 60 ${command}`,
  (command: string) => `sudo -u airflow ${command}`,
  (command: string) => `env A=b C='d e' ${command}`,
  (command: string) => `A=b nice -n 5 command ${command}`,
  (command: string) => `echo x | xargs -n1 ${command}`,
  (command: string) => `grant() { ${command}; }; grant`,
  (command: string) => `for i in 1 2; do ${command}; done`,
  (command: string) => `if true; then\n  ${command}\nfi`,
  (command: string) => `( ${command} ) | tee /tmp/log`,
  (command: string) => `OUT=$(${command})`,
  (command: string) => `bash -c '${command.replaceAll("'", "'\\''")}'`,
  (command: string) => `su - airflow -c "${command.replace(/["\\$`]/g, '\\$&')}"`,
  (command: string) => `bash <<'EOF'\n${command}\nEOF`,
  (command: string) => `${command} > /dev/null 2>&1`,
);

const options = fc.constantFrom(
  ['-u ', '-r '],
  ['-u', '-r'],
  ['--username ', '--role '],
  ['--username=', '--role='],
  ['--user ', '--rol='],
) as fc.Arbitrary<[string, string]>;

/** Text that a shell passes unchanged, however it is quoted. */
const shellName = name.filter((text) => !/^[-=]|[<>!*?~#]|\{\}/.test(text));

test('an echoed command gives user and role, however it is wrapped and quoted', () => {
  fc.assert(
    fc.property(
      fc.record({
        line: taskLine,
        program: programs,
        wrap: wrappers,
        quoting: shellQuoting,
        gap: gaps,
        option: options,
        target: shellName,
        role: shellName,
      }),
      ({ line, program, wrap, quoting, gap, option, target, role }) => {
        const words = [
          ...[program, 'users', 'add-role'],
          option[0] + quoting(target),
          option[1] + quoting(role),
        ];
        const command = wrap(words.join(gap));
        const echo = `Running command: ['/usr/bin/bash', '-c', ${pythonString(command)}]`;
        expect(signalsOf('Task', line(echo))).toMatchObject([
          { kind: 'command', verb: 'grant-role', target, role, severity: 'medium' },
        ]);
      },
    ),
    { numRuns: 600 },
  );
});

test('a command that only shows text, prints help, lists, or belongs to another program is ignored', () => {
  const harmless = fc.constantFrom(
    'airflow users add-role --help',
    'airflow users add-role -u x -r y -h',
    'airflow users list',
    'airflow roles export r.json',
    "echo 'airflow users add-role -u bob -r Admin'",
    'grep -r "airflow users create -u x" dags/',
    '# airflow users add-role -u bob -r Admin',
    'aws iam add-role-to-instance-profile --role-name x --instance-profile-name y',
    'gcloud sql users create bob --instance x',
    'airflow dags trigger add-role',
    'psql -c "select * from ab_user"',
    'psql -c "update ab_user_buckets set x = 1"',
    'psql -c "insert into report select * from ab_user_role"',
  );
  const harmlessWrap = wrappers.filter((wrap) => !/xargs/.test(wrap('')));
  fc.assert(
    fc.property(taskLine, harmless, harmlessWrap, (line, text, wrap) => {
      fc.pre(!text.startsWith('#') || wrap('x') === 'x');
      const echo = `Running command: ['/usr/bin/bash', '-c', ${pythonString(wrap(text))}]`;
      expect(signalsOf('Task', line(echo))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Some characters of a path percent-encoded, as a client may send them. */
function encodedPath(path: string, which: readonly boolean[]): string {
  return [...path]
    .map((character, at) => {
      const isEncoded = /[a-z0-9_]/.test(character) && which[at % which.length];
      return isEncoded ? `%${character.charCodeAt(0).toString(16)}` : character;
    })
    .join('');
}

const accessLine = fc.constantFrom(
  (method: string, path: string, status: number) =>
    `127.0.0.1 - - [22/Nov/2026:05:50:12 +0000] "${method} ${path} HTTP/1.1" ${status} 249 "http://127.0.0.1:8210/" "Mozilla/5.0"`,
  (method: string, path: string, status: number) =>
    `INFO:     127.0.0.1:47400 - "${method} ${path} HTTP/1.1" ${status} Found`,
);

const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });

test('a form that writes users or roles is found under any prefix and percent-encoding', () => {
  fc.assert(
    fc.property(
      accessLine,
      fc.constantFrom('', '/auth', '/base/auth'),
      fc.constantFrom('users', 'roles', 'groups'),
      fc.constantFrom(['add', 'create'], ['edit/5', 'change'], ['delete/5', 'delete']),
      fc.constantFrom('', '?next=%2Fhome', '?_flt_0=1&x=/login/'),
      flags,
      (line, prefix, object, [action, done], query, which) => {
        const path = prefix + encodedPath(`/${object}/${action}`, which) + query;
        const verb = `${done}-${object.slice(0, -1)}`;
        const request = { kind: 'request', verb, object, method: 'POST' };
        expect(signalsOf('WebServer', line('POST', path, 302))).toMatchObject([
          { ...request, outcome: 'succeeded', severity: 'high' },
        ]);
        expect(signalsOf('WebServer', line('POST', path, 200))).toMatchObject([
          { ...request, outcome: 'failed' },
        ]);
        expect(signalsOf('Task', line('POST', path, 302))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test('a REST write gives the name, decoded once', () => {
  fc.assert(
    fc.property(
      accessLine,
      fc.constantFrom('/api/v1', '/auth/fab/v1', '/base/auth/fab/v1'),
      fc.constantFrom(['PATCH', 'change'], ['DELETE', 'delete']),
      name,
      (line, base, [method, done], user) => {
        const path = `${base}/users/${encodeURIComponent(user)}?update_mask=roles`;
        expect(signalsOf('WebServer', line(method ?? '', path, 200))).toMatchObject([
          { kind: 'request', verb: `${done}-user`, target: user, outcome: 'succeeded' },
        ]);
      },
    ),
  );
});

test('a path that only looks like a write of users is ignored', () => {
  fc.assert(
    fc.property(
      accessLine,
      fc.constantFrom(
        '/login/?next=http://h/users/edit/1',
        '/login/?next=/%75sers/edit/1',
        '/api/v1/dags/users/dagRuns',
        '/api/v1/variables/users%2Fedit%2F5',
        '/variable/edit/5',
        '/userinfoeditview/form',
        '/superusers/edit/5x/list',
        '/dags/roles/edit/1',
      ),
      fc.constantFrom('POST', 'PUT', 'DELETE'),
      (line, path, method) => {
        expect(signalsOf('WebServer', line(method, path, 302))).toEqual([]);
      },
    ),
  );
});

const tables = fc.constantFrom(
  ...['ab_user', 'ab_role', 'ab_user_role', 'ab_permission', 'ab_permission_view'],
  ...['ab_permission_view_role', 'ab_view_menu', 'ab_register_user', 'ab_group', 'ab_user_group'],
  'ab_group_role',
);
const sqlGap = fc.constantFrom(' ', '\n', '  \n\t', ' /* c */ ', '/**/');

test('SQL on the tables of users and roles is found with any spacing, quoting and schema', () => {
  fc.assert(
    fc.property(
      taskLine,
      fc.constantFrom(
        'INSERT INTO',
        'update',
        'UPDATE ONLY',
        'Delete From',
        'TRUNCATE TABLE',
        'drop table if exists',
        'COPY',
      ),
      tables,
      fc.constantFrom('', 'public.', '"public".', 'airflow.'),
      fc.boolean(),
      sqlGap,
      (line, words, table, schema, isQuoted, gap) => {
        const written = isQuoted ? `"${table}"` : table.toUpperCase();
        const sql = `${words.replaceAll(' ', gap)}${gap}${schema}${written} x`;
        const [ran] = signalsOf('Task', line(`Running statement: ${sql}, parameters: None`));
        expect(ran).toMatchObject({ kind: 'statement', object: table, severity: 'critical' });
        const [asked] = signalsOf('Task', line(`Executing: ${sql}`));
        expect(asked).toMatchObject({ kind: 'command', object: table, severity: 'medium' });
      },
    ),
    { numRuns: 300 },
  );
});

test('other tables and read statements are ignored', () => {
  fc.assert(
    fc.property(
      taskLine,
      fc.constantFrom('update ', 'insert into '),
      tables,
      fc.constantFrom('_buckets', 's_2024', '_history', '2', 'x'),
      (line, words, table, suffix) => {
        for (const other of [`${table}${suffix}`, `l${table}`, `my_${table}`]) {
          expect(signalsOf('Task', line(`Running statement: ${words}${other} x`))).toEqual([]);
        }
        expect(signalsOf('Task', line(`Running statement: select * from ${table}`))).toEqual([]);
      },
    ),
  );
});

test("a user's own module, or a module in another log group, does not count as Airflow's", () => {
  fc.assert(
    fc.property(
      fc.constantFrom('account_manager.py', 'my-override.py', 'user_sync.py', 'xmanager.py'),
      name,
      (module, user) => {
        const line = (file: string, at = 1596) =>
          `[2026-11-22T05:50:01.362+0000] {${file}:${at}} INFO - Added user ${user}`;
        expect(signalsOf('Task', line(module))).toEqual([]);
        expect(signalsOf('Task', line('override.py', 12))).toEqual([]);
        expect(signalsOf('Task', line('override.py'))).toMatchObject([
          { kind: 'write', verb: 'create-user', target: user },
        ]);
        expect(signalsOf('WebServer', line('override.py'))).toMatchObject([{ severity: 'info' }]);
      },
    ),
  );
});
