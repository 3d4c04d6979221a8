import fc from 'fast-check';
import { mayNameTable, tablesWritten } from '../../../lambda/sql/metadata-sql.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

const everywhere: readonly (readonly [sql: string, tables: readonly string[]])[] = [
  ['INSERT INTO ab_user_role VALUES (1)', ['ab_user_role']],
  ['update only "public"."ab_user" set x = 1', ['ab_user']],
  ['UPDATE ONLY (ab_user_role) SET role_id=1', ['ab_user_role']],
  ['UPDATE ab_user_role AS r SET role_id = 1', ['ab_user_role']],
  ['DELETE /* c */ FROM\n-- d\n ab_role', ['ab_role']],
  ['insert/**/into/**/ab_user values (1)', ['ab_user']],
  ['INSERT /* a /* b */ c */ INTO ab_user_role VALUES (9,3,1)', ['ab_user_role']],
  ['INSERT -- hi\nINTO -- ab\n ab_user_role VALUES (1)', ['ab_user_role']],
  [`insert /* ${'c'.repeat(300)} */ into -- ${'d'.repeat(300)}\n ab_role values (1)`, ['ab_role']],
  ['TRUNCATE TABLE ab_group_role', ['ab_group_role']],
  ['TRUNCATE ab_user, public.ab_role, ONLY ab_group', ['ab_user', 'ab_role', 'ab_group']],
  ['DROP TABLE IF EXISTS x, ab_role CASCADE', ['ab_role']],
  ['drop table if exists AB_PERMISSION_VIEW_ROLE', ['ab_permission_view_role']],
  ['copy ab_user from stdin', ['ab_user']],
  ['COPY ab_user (id, username) FROM STDIN', ['ab_user']],
  ['COPY (DELETE FROM ab_user_role RETURNING *) TO STDOUT', ['ab_user_role']],
  ['insert into ab_role x; update ab_user set y = 1; delete from ab_role', ['ab_role', 'ab_user']],
  ['update x; truncate ab_role;delete from ab_user', ['ab_role', 'ab_user']],
  ['delete from airflow . "public" . ab_user', ['ab_user']],
  ['explain analyze update ab_user set x = 1', ['ab_user']],
  ['EXPLAIN ANALYZE VERBOSE INSERT INTO ab_user_role VALUES (9)', ['ab_user_role']],
  ['EXPLAIN (ANALYZE, COSTS OFF) INSERT INTO ab_user_role VALUES (9)', ['ab_user_role']],
  ['EXPLAIN ANALYZE WITH x AS (DELETE FROM ab_role RETURNING *) SELECT 1', ['ab_role']],
  ['WITH x AS (SELECT 1) INSERT INTO ab_user_role SELECT 9,3,1', ['ab_user_role']],
  ['WITH x AS (DELETE FROM ab_user_role) INSERT INTO ab_role x', ['ab_user_role', 'ab_role']],
  ['MERGE INTO ab_role t USING x ON true WHEN NOT MATCHED THEN INSERT VALUES (9)', ['ab_role']],
  ['INSERT INTO `ab_user_role` VALUES (9,3,1)', ['ab_user_role']],
  ['INSERT INTO U&"ab\\005fuser_role" VALUES (9,3,1)', ['ab_user_role']],
  ['INSERT INTO U&"ab!005fuser_role" UESCAPE \'!\' VALUES (9,3,1)', ['ab_user_role']],
  ['CREATE RULE r AS ON SELECT TO x DO INSTEAD INSERT INTO ab_role VALUES (9)', ['ab_role']],
  ['CREATE RULE r AS ON INSERT TO ab_user DO ALSO NOTHING', ['ab_user']],
  ['CREATE TRIGGER t AFTER INSERT ON ab_user FOR EACH ROW EXECUTE FUNCTION f()', ['ab_user']],
  ['ALTER TABLE x RENAME TO ab_user_role', ['ab_user_role']],
  ['ALTER TABLE ab_user_role RENAME TO x', ['ab_user_role']],
  ['GRANT INSERT, UPDATE ON ab_user_role TO bob', ['ab_user_role']],
  ['PREPARE p AS INSERT INTO ab_user_role VALUES ($1)', ['ab_user_role']],
  ["CREATE FUNCTION f() RETURNS void AS 'INSERT INTO ab_role x' LANGUAGE sql", ['ab_role']],
  ['CREATE FUNCTION f() RETURNS void BEGIN ATOMIC INSERT INTO ab_role x; END', ['ab_role']],
  ['DO $$ BEGIN DELETE FROM ab_role; INSERT INTO ab_user x; END $$', ['ab_role', 'ab_user']],
  ["DO $$ BEGIN EXECUTE 'INSERT INTO ab_' || 'user_role VALUES (9)'; END $$", ['ab_user_role']],
  ["DO $x$ BEGIN EXECUTE 'INSERT INTO ab' || chr(95) || 'role x'; END $x$", ['ab***role']],
  ["DO $x$ BEGIN EXECUTE format('INSERT INTO %I x', 'ab_user_role'); END $x$", ['ab_user_role']],
  ["DO $x$ BEGIN EXECUTE E'INSERT INTO ab\\x5fuser_role x'; END $x$", ['ab_user_role']],
  ["SELECT '/*'; INSERT INTO ab_user_role VALUES (1); SELECT '*/'", ['ab_user_role']],
  ["SELECT '/*'; INSERT /* x /* y */ */ INTO ab_role x; SELECT '*/'", ['ab_role']],
  ["SELECT 1 FROM a WHERE x = 'it''s'; UPDATE ab_user SET x=1", ['ab_user']],
  // The secrets masker replaced a part of a name or a word.
  ['INSERT INTO *** VALUES (9,3,1)', ['***']],
  ['INSERT INTO ab_***_role VALUES (9,3,1)', ['ab_***_role']],
  ['*** INTO ab_user_role VALUES (9,3,1)', ['ab_user_role']],
  ['INSERT *** ab_user_role VALUES (9,3,1)', ['ab_user_role']],
  ['INSERT INTO ***.ab_user VALUES (1)', ['ab_user']],
];

const nowhere: readonly string[] = [
  'select * from ab_user',
  'SELECT username, email FROM ab_user ORDER BY 1',
  'SELECT * FROM ab_user FOR UPDATE OF ab_user',
  'insert into report select * from ab_user',
  "INSERT INTO ab_user_role_history SELECT nextval('ab_user_role_id_seq') FROM ab_user u, ab_role r",
  'create table ab_role_backup as select * from ab_role',
  'copy ab_user to stdout',
  'COPY ab_user (id, username) TO STDOUT',
  'EXPLAIN INSERT INTO ab_user_role VALUES (9,3,1)',
  'EXPLAIN VERBOSE INSERT INTO ab_user_role VALUES (9,3,1)',
  'EXPLAIN (COSTS OFF) INSERT INTO ab_user_role VALUES (9,3,1)',
  'EXPLAIN (ANALYZE false) INSERT INTO ab_user_role VALUES (9,3,1)',
  'GRANT SELECT ON ab_user_role TO bob',
  'update ab_user_buckets set x = 1',
  'update ab_users_2024 set x = 1',
  'update lab_user set x = 1',
  'update ab_user$x set x = 1',
  'DROP TABLE IF EXISTS tmp_ab_role',
  '/* never INSERT INTO ab_user */ SELECT 1',
  '-- insert into ab_user is forbidden by policy',
  "UPDATE users SET password='***'",
  'SELECT *** FROM ab_user',
  'INSERT INTO ***.sales VALUES (1)',
];

describe.each([true, false])('if isSql is %s', (isSql) => {
  test.each(everywhere)('%j writes %j', (sql, tables) => {
    expect(tablesWritten(sql, { isSql })).toEqual(tables);
  });

  test.each(nowhere)('%j writes none', (sql) => {
    expect(tablesWritten(sql, { isSql })).toEqual([]);
  });

  test.each([
    ['INSERT INTO public.ab_user_role x', ['ab_user_role']],
    ['INSERT INTO AirflowMetadata.public.ab_user_role x', ['ab_user_role']],
    ['INSERT INTO airflow.ab_user_role x', ['ab_user_role']],
    ['INSERT INTO crm.ab_user_role x', []],
    ['UPDATE "superset"."ab_user" SET x=1', []],
    ['UPDATE crm.ab_user SET x=1; UPDATE ab_user SET x=1', ['ab_user']],
  ])('a table of another schema is not Airflow’s: %j writes %j', (sql, tables) => {
    expect(tablesWritten(sql, { isSql })).toEqual(tables);
  });
});

const grant = 'INSERT INTO ab_user_role VALUES (1,2,3)';

describe('strings that a statement stores', () => {
  test.each([
    `INSERT INTO audit(text) VALUES ('${grant}')`,
    `INSERT INTO hr.audit (a, text) VALUES (1, '${grant}'), (2, 'DELETE FROM ab_user'), (now(), NULL)`,
    `INSERT INTO audit VALUES ($$${grant}$$, E'${grant}', '${grant}'::text)`,
    `INSERT INTO audit VALUES ('${grant}', %s), parameters: ('x',)`,
    `UPDATE audit SET text = '${grant}', at = 1 WHERE text <> 'DELETE FROM ab_role'`,
    `DELETE FROM audit WHERE text = '${grant}'`,
    `COMMENT ON TABLE audit IS '${grant}'`,
  ])('are no statements: %s', (sql) => {
    expect(tablesWritten(sql)).toEqual([]);
    expect(tablesWritten(sql, { isSql: true })).toEqual([]);
  });

  test.each([
    `INSERT INTO audit VALUES (dblink_exec('c', '${grant}'))`,
    `INSERT INTO audit SELECT query_to_xml('${grant} RETURNING 1', true, true, '')`,
    `INSERT INTO audit VALUES ('${grant}'::my_type)`,
    `INSERT INTO cron.job (command) VALUES ('${grant}')`,
    `INSERT INTO audit VALUES ('${grant}') RETURNING text`,
    `INSERT INTO audit VALUES ('${grant}'); DO $$ BEGIN EXECUTE (SELECT text FROM audit); END $$`,
    `UPDATE audit SET text = f('${grant}')`,
    `UPDATE audit SET text = '${grant}' || '' WHERE x !! '${grant}'`,
    `SELECT '${grant}'`,
    `DO '${grant}'`,
    `INSERT INTO audit VALUES ('x'); ${grant}`,
  ])('are statements if something may run them: %s', (sql) => {
    expect(tablesWritten(sql)).toEqual(['ab_user_role']);
    expect(tablesWritten(sql, { isSql: true })).toEqual(['ab_user_role']);
  });

  test('do not hide the table that the statement itself writes', () => {
    const sql = "INSERT INTO ab_role (name) VALUES ('DELETE FROM ab_user')";
    expect(tablesWritten(sql, { isSql: true })).toEqual(['ab_role']);
  });
});

test.each([
  ['INSERT INTO superset.public.ab_user_role x', []],
  ['INSERT INTO "bi"."public"."ab_user" x', []],
  ['INSERT INTO AirflowMetadata.public.ab_user_role x', ['ab_user_role']],
  ['INSERT INTO postgres.public.ab_user_role x', ['ab_user_role']],
])('a table of another database is not Airflow’s: %j writes %j', (sql, tables) => {
  expect(tablesWritten(sql, { isSql: true })).toEqual(tables);
  expect(tablesWritten(sql)).toEqual(tables);
});

test.each([
  ['never update ab_user by hand', []],
  ['Please never UPDATE ab_user by hand; DELETE FROM ab_role is also forbidden', []],
  ['Update *** settings', []],
  ['postgresql://user:***@host/ab_user', []],
  ['psql $U -qc "INSERT INTO \\"ab_user_role\\" VALUES (9,3,1)"', ['ab_user_role']],
  ['INSERT\\nINTO\\nab_user_role VALUES (1)', ['ab_user_role']],
  ["\\copy ab_user_role from 'f.csv'", ['ab_user_role']],
  ['psql -v t=ab_user_role <<E\nINSERT INTO :t VALUES (1)\nE', ['ab_user_role']],
  ['cur.execute("INSERT INTO %s VALUES (1)" % "ab_user_role")', ['ab_user_role']],
  ["t='ab_user_role'; cur.execute(f'INSERT INTO {t} VALUES (1)')", ['ab_user_role']],
  ["print('/*'); run('INSERT /* a /* b */ */ INTO ab_role x') # don't */", ['ab_role']],
])('SQL is found inside other texts: %j writes %j', (text, tables) => {
  expect(tablesWritten(text)).toEqual(tables);
});

test('a comment hides a statement only if every server reads it as a comment', () => {
  const hidden = "SELECT '\\'/*'; INSERT INTO ab_user_role x; --*/'";
  expect(tablesWritten(hidden, { isSql: true })).toEqual(['ab_user_role']);
  expect(tablesWritten('/*! INSERT INTO ab_role x */', { isSql: true })).toEqual([]);
  expect(tablesWritten('/*!\nINSERT INTO ab_role x */', { isSql: true })).toEqual(['ab_role']);
});

/** Names of a table, with a part that may be masked, a placeholder, joined or escaped. */
const nameForms = fc
  .tuple(
    fc.constantFrom('ab_user_role', 'AB_USER', 'ab_role', '"ab_group"', 'public.ab_view_menu'),
    fc.nat({ max: 12 }),
    fc.nat({ max: 6 }),
    fc.constantFrom('', '***', '{t}', '%s', '%I', "'||'", "'\n'", "'||chr(95)||'", '/**/', ':t'),
    fc.constantFrom((text: string) => text, escapedInName, escapedInString),
  )
  .map(([name, at, length, part, escaped]) => {
    const cut = name.slice(at, at + length);
    return name.slice(0, at) + (part === '' ? escaped(cut) : part) + name.slice(at + length);
  });

function escapedInName(text: string): string {
  return [...text].map((each) => `\\${hex(each).padStart(4, '0')}`).join('');
}

function escapedInString(text: string): string {
  return [...text].map((each) => `\\x${hex(each)}`).join('');
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16);
}

const statements = fc
  .tuple(
    fc.constantFrom(
      'insert into ',
      'UPDATE ',
      'delete from ',
      '*** ',
      'drop table ',
      'INSERT *** ',
    ),
    nameForms,
    fc.constantFrom('$', 'U&"$"', "E'$'", "do '$'", "execute E'$'", "t='$'; ", '"$"'),
  )
  .map(([words, name, around]) => {
    const isName = around.includes('"');
    return isName ? words + around.replace('$', name) : around.replace('$', words + name);
  });

test('the cheap first test skips no text in which a table is found', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(statements, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (all, isSql) => {
        const text = all.join(' ; ');
        // With a comment after it, the first test skips no text.
        const tables = tablesWritten(`${text} /**/`, { isSql });
        found += tables.length > 0 ? 1 : 0;
        if (!mayNameTable(text)) expect(tables).toEqual([]);
      },
    ),
    { numRuns: 5_000 },
  );
  expect(found).toBeGreaterThan(1_000);
});

test.each([
  'insert /* ',
  'insert -- x',
  'insert into ab_',
  "insert into audit values ('update ab_user', 1, ",
  'update x set y = 1, z . ',
  'ab_role, ',
  'update ab_user ',
  'copy ab_user (',
  '$a$ $b$ update ',
  "'' || update ab_role",
  '*/ /* update ab_role ',
  'U&"\\005',
  'explain (analyze) update (',
  'grant update ',
  'create trigger on ',
  '\\\\\\ update',
])('a text of %j is read in linear time', (part) => {
  const task = (size: number) => () => {
    tablesWritten(part.repeat(size), { isSql: true });
    tablesWritten(part.repeat(size));
  };
  expect(growth(task, 200)).toBeLessThan(linearGrowth);
});
