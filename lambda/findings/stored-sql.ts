import { storing } from './sql-regexps.ts';
import { readSql, type SqlStatement } from './sql-text.ts';

/** Cheap, and true of every text that {@link storedStatements} takes. */
const mayStore = /^\s{0,100}(?:insert\s+into|update|delete\s+from|comment\s+on)\s/i;

/** Tables whose rows somebody may run, by their names. */
const runnable =
  /cron|job|sched|queue|task|command|cmd|event|trigger|run|exec|script|hook|action|outbox/i;

/** What a hook shows behind its statement. */
const parameters = ', parameters: ';

/**
 * The statements of a text, each without its strings, where all that any of them does with its strings is to
 * store them or to compare with them: `INSERT INTO audit VALUES ('DELETE FROM ab_user')` deletes nobody.
 *
 * @returns undefined where a statement may run a string, or the text is not certain to be SQL alone
 */
export function storedStatements(text: string): readonly SqlStatement[] | undefined {
  if (!mayStore.test(text)) return undefined;
  const end = text.lastIndexOf(parameters);
  const { statements, isCertain } = readSql(end < 0 ? text : text.slice(0, end));
  if (!isCertain) return undefined;
  const isStored = statements.every(
    (statement) =>
      statement.text.trim() === '' ||
      (storing().test(statement.text) && !runnable.test(statement.text)),
  );
  return isStored ? statements : undefined;
}

/** What makes a statement of a string, or of rows. */
const makesStatements = /gexec|\b(?:execute|do|call|perform|eval|prepare)\b|dblink|_to_xml|\|/i;

/** A script without texts that it only has stored, unless something in it makes statements of texts. */
export function withoutStored(script: string, stored: ReadonlySet<string>): string {
  if (stored.size === 0 || makesStatements.test(script)) return script;
  let rest = script;
  for (const text of stored) rest = rest.replaceAll(text, ' ');
  return rest;
}
