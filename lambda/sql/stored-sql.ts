import { storing } from './sql-regexps.ts';
import { readSql, type SqlStatement } from './sql-text.ts';

/** A cheap first test that matches every text that {@link storedStatements} accepts. */
const mayStore = /^\s{0,100}(?:insert\s+into|update|delete\s+from|comment\s+on)\s/i;

/** Names of tables whose rows something may run. */
const runnable =
  /cron|job|sched|queue|task|command|cmd|event|trigger|run|exec|script|hook|action|outbox/i;

/** What a database hook logs after its statement. */
const parameters = ', parameters: ';

/**
 * The statements of a text, if all of them only store their strings or compare with them: `INSERT
 * INTO audit VALUES ('DELETE FROM ab_user')` deletes nobody.
 *
 * @returns undefined if a statement may run a string, or the text may be read in another way
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

/** What turns a string, or rows, into statements. */
const makesStatements = /gexec|\b(?:execute|do|call|perform|eval|prepare)\b|dblink|_to_xml|\|/i;

/**
 * Removes from a script the texts that it only stores, unless something in it turns texts into
 * statements.
 */
export function withoutStored(script: string, stored: ReadonlySet<string>): string {
  if (stored.size === 0 || makesStatements.test(script)) return script;
  let rest = script;
  for (const text of stored) rest = rest.replaceAll(text, ' ');
  return rest;
}
