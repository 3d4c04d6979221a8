import { LinearRegexp } from '../regexp/linear-regexp.ts';
import { readProgram } from '../regexp/regexp-program.ts';
import { sqlPrograms } from './sql-programs.ts';

/**
 * Unpacks one of {@link sqlPrograms}, which are stored packed since most containers need none of
 * them.
 */
export function unpackProgram(packed: string): string {
  const zlib = process.getBuiltinModule('node:zlib');
  return zlib.inflateRawSync(Buffer.from(packed, 'base64')).toString('base64');
}

/**
 * Statements that write. Groups: 1 and 2 the old and new name of a renamed table; 3 the table of a
 * trigger, rule, policy or grant; 4 a statement's first words and 5 the tables after them; 6 and 7
 * the same if the words are masked; 8 the rest of a name whose beginning is masked together with
 * all words before it.
 */
export const statementInText = once(sqlPrograms.statementInText);

/** {@link statementInText} in SQL without its strings and comments. */
export const statementInSql = once(sqlPrograms.statementInSql);

/** A statement, without its strings, that only stores or compares them. */
export const storing = once(sqlPrograms.storing);

/** Creates the regexp when it is first needed. */
function once(packed: string): () => LinearRegexp {
  let regexp: LinearRegexp | undefined;
  return () => {
    regexp ??= new LinearRegexp(readProgram(unpackProgram(packed)));
    return regexp;
  };
}

/**
 * Flask-AppBuilder's tables of users, roles, groups and permissions
 * (flask_appbuilder.security.sqla.models).
 */
export const metadataTables = [
  ...['ab_user', 'ab_user_role', 'ab_user_group', 'ab_group', 'ab_group_role', 'ab_role'],
  ...['ab_permission', 'ab_permission_view', 'ab_permission_view_role', 'ab_view_menu'],
  'ab_register_user',
] as const;
