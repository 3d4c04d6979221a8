import { tablesWritten } from '../../../lambda/findings/metadata-sql.ts';

test.each([
  ['INSERT INTO ab_user_role VALUES (1)', ['ab_user_role']],
  ['update only "public"."ab_user" set x = 1', ['ab_user']],
  ['DELETE /* c */ FROM\n-- d\n ab_role', ['ab_role']],
  ['insert/**/into/**/ab_user values (1)', ['ab_user']],
  ['TRUNCATE TABLE ab_group_role', ['ab_group_role']],
  ['drop table if exists AB_PERMISSION_VIEW_ROLE', ['ab_permission_view_role']],
  ['copy ab_user from stdin', ['ab_user']],
  ['insert into ab_role x; update ab_user set y = 1; delete from ab_role', ['ab_role', 'ab_user']],
  [`insert /* ${'c'.repeat(300)} */ into -- ${'d'.repeat(300)}\n ab_role values (1)`, ['ab_role']],
  ['delete from airflow . "public" . ab_user', ['ab_user']],
  ['update x; truncate ab_role;delete from ab_user', ['ab_role', 'ab_user']],
  ['explain analyze update ab_user set x = 1', ['ab_user']],
])('%j writes %j', (sql, tables) => {
  expect(tablesWritten(sql)).toEqual(tables);
});

test.each([
  'select * from ab_user',
  'insert into report select * from ab_user',
  'copy ab_user to stdout',
  'update ab_user_buckets set x = 1',
  'update ab_users_2024 set x = 1',
  'update lab_user set x = 1',
  'update ab_user$x set x = 1',
  'never update ab_user by hand',
])('%j writes none', (sql) => {
  expect(tablesWritten(sql)).toEqual([]);
});
