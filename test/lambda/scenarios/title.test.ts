import { titleOf } from '../../../lambda/findings/title.ts';
import { verbNames } from '../../../lambda/model/verbs.ts';
import { change, changeIn } from '../setup/sample-change.ts';

const title = (...args: Parameters<typeof change>) => titleOf(change(...args), 'Something changed');
const web = { logGroup: 'airflow-prod-WebServer', logStream: 'webserver_vm_1795326412.123.log' };
const formPost = '127.0.0.1 - - [x] "POST /users/edit/6 HTTP/1.1" 302 249 "-" "Mozilla/5.0"';

describe('titles', () => {
  test('a granted role names user, role, DAG and task', () => {
    expect(title()).toBe('bob was given role Admin by DAG grant_admin, task promote');
  });

  test("the title says that a command's outcome is not visible", () => {
    expect(title({ outcome: 'unknown' })).toBe(
      'DAG grant_admin, task promote ran a command that gives bob role Admin; its outcome is not visible',
    );
  });

  test('the title says that a command failed', () => {
    expect(title({ outcome: 'failed' })).toMatch(
      / gives bob role Admin; the log says that it failed$/,
    );
  });

  test('the title says that a command was refused', () => {
    expect(title({ outcome: 'denied' })).toMatch(
      / gives bob role Admin; the log says that it was refused$/,
    );
  });

  test('the first three of several users are named', () => {
    expect(title({ targets: ['bob', 'eve'] })).toMatch(/^bob and eve were given role Admin /);
    expect(title({ targets: ['a', 'b', 'c', 'd', 'e'] })).toMatch(
      /^a, b, c and 2 more were given /,
    );
  });

  test('several roles are named', () => {
    const roles = ['analysts', 'superops'];
    expect(title({ verb: 'create-role', targets: [], roles })).toBe(
      'Roles analysts and superops were created by DAG grant_admin, task promote',
    );
  });

  test('an RDS token is not reported as one for the metadata database', () => {
    const took = { verb: 'read-metadata-credentials' as const, targets: [], roles: [] };
    expect(title({ ...took, object: 'generate-db-auth-token', outcome: 'unknown' })).toMatch(
      /^DAG grant_admin, task promote took a token for a database in RDS;/,
    );
    expect(title({ ...took, object: '/proc/1/environ', outcome: 'unknown' })).toMatch(
      / tried to read the metadata database's credentials;/,
    );
    for (const object of ['fernet_key', 'SECRET_KEY', 'jwt_secret']) {
      expect(title({ ...took, object, outcome: 'unknown' })).toMatch(
        / tried to read a secret key of Airflow's configuration;/,
      );
    }
  });

  test('a form of the web interface names the record by its number', () => {
    const edit = changeIn(
      { ...web, message: formPost },
      { verb: 'change-user', targets: ['6'], roles: [] },
    );
    expect(titleOf(edit, '')).toBe('User record 6 was edited in the web interface');
    expect(titleOf({ ...edit, outcome: 'denied' }, '')).toBe(
      'A request in the web interface that edits user record 6; it was refused',
    );
  });

  test.each([
    ['10.0.0.1 - admin [x] "PATCH /api/v1/users/bob?x=1 HTTP/1.1" 200 3 "-" "-"'],
    ['INFO:     10.0.0.1:55275 - "PATCH /auth/fab/v1/users/bob HTTP/1.1" 200 OK'],
    [
      "… [info ] request finished [http.access] method=PATCH path=/auth/fab/v1/users/bob query='' status_code=200",
    ],
    ['{"event":"request finished","method":"PATCH","path":"/auth/fab/v1/users/bob"}'],
  ])('the REST API is distinguished from the web interface: %s', (message) => {
    const patch = changeIn({ ...web, message }, { verb: 'change-user', roles: [], user: 'admin' });
    expect(titleOf(patch, '')).toBe('User bob was edited through the REST API by user admin');
  });

  test('SQL names the table', () => {
    expect(
      title({ verb: 'write-metadata-tables', object: 'ab_user_role', targets: [], roles: [] }),
    ).toBe(
      'Table ab_user_role of the metadata database was written with SQL by DAG grant_admin, task promote',
    );
  });

  test('SQL on several tables names all of them', () => {
    const tables = 'ab_role, ab_permission_view_role, ab_user_role, ab_user';
    expect(
      title({ verb: 'write-metadata-tables', object: tables, targets: [], roles: [] }),
    ).toMatch(
      /^Tables ab_role, ab_permission_view_role, ab_user_role and ab_user of the metadata /,
    );
  });

  test('a masked name is marked as masked', () => {
    expect(title({ targets: ['***'] })).toBe(
      '"***" was given role Admin by DAG grant_admin, task promote; *** stands for what Airflow masked',
    );
  });

  test('a cut event is marked as cut, however long the title is', () => {
    const long = changeIn(
      { cut: true },
      { targets: Array.from({ length: 3 }, () => 'x'.repeat(64)) },
    );
    expect(titleOf(long, '')).toMatch(
      /; the log may have cut its event: what followed is not known$/,
    );
    expect(titleOf(long, '').length).toBeLessThanOrEqual(250);
  });

  test("a DAG's access control names DAG, roles and file", () => {
    const access = changeIn(
      { logGroup: 'airflow-prod-DAGProcessing', logStream: 'scheduler_payroll.py.log' },
      { verb: 'change-dag-access', object: 'DAG:payroll', targets: [], roles: ['Viewer'] },
    );
    expect(titleOf(access, '')).toBe(
      'Access to DAG payroll was changed for role Viewer while DAG file payroll.py was parsed',
    );
  });

  test('a startup script is named as the actor', () => {
    const startup = changeIn({
      logGroup: 'airflow-prod-Worker',
      logStream: 'startup_script_execution_vm_1795326412.5.log',
    });
    expect(titleOf(startup, '')).toBe('bob was given role Admin by the startup script of a worker');
  });

  test('a block of the metadata database is not reported as a command', () => {
    expect(
      title({ verb: 'bypass-metadata-block', outcome: 'denied', targets: [], roles: [] }),
    ).toBe(
      'DAG grant_admin, task promote tried to reach the metadata database; the log says that it was refused',
    );
  });

  test('a change of unknown kind has the title of its detection', () => {
    expect(title({ verb: undefined })).toBe('Something changed, by DAG grant_admin, task promote');
    expect(title({ verb: undefined, outcome: 'unknown' })).toBe(
      'Something changed, by DAG grant_admin, task promote; its outcome is not visible',
    );
  });

  test.each(verbNames)('%s has a sentence of its own, with names and without', (verb) => {
    for (const outcome of ['succeeded', 'unknown'] as const) {
      for (const names of [{}, { targets: [], roles: [] }]) {
        const text = title({ verb, outcome, ...names });
        expect(text).toMatch(
          /^(?:[A-Z]|bob ).* DAG grant_admin, task promote|^DAG grant_admin, task promote/,
        );
        expect(text).not.toMatch(/undefined|Something changed| {2}|[{}]/);
      }
    }
  });

  test('a name that could be read as part of the sentence is quoted', () => {
    expect(title({ targets: ['eve was removed. bob'] })).toBe(
      '"eve was removed. bob" was given role Admin by DAG grant_admin, task promote',
    );
    expect(title({ roles: ['Data "Stewards"'] })).toMatch(/role "Data \\"Stewards\\"" by/);
  });

  test('control characters and direction marks are escaped', () => {
    expect(title({ targets: ['bob\n\u001b[2K\u202eeve'] })).toMatch(
      /^"bob\\n\\u\{001b\}\[2K\\u\{202e\}eve" was given/,
    );
  });

  test('letters of any language stay', () => {
    expect(title({ targets: ['運用'], roles: ['Équipe'] })).toMatch(
      /^運用 was given role Équipe by/,
    );
  });

  test('long names are cut', () => {
    expect(title({ targets: ['x'.repeat(5000)], roles: ['y'.repeat(5000)] }).length).toBeLessThan(
      251,
    );
  });
});
