import type { EngineResult } from '../../local/insights-engine/engine-types.ts';
import { didYouMean } from '../../queries/tools/nearest-names.ts';
import type { FieldReference, Query } from '../../query-language/syntax/ast.ts';
import type { QueryError } from '../../query-language/syntax/query-error.ts';

/** The fields that each event of CloudWatch Logs has. */
const eventFields = ['@timestamp', '@ingestionTime', '@message', '@logStream', '@log', '@ptr'];

/** Names that AWS's errors list: after `expecting {…}` or `the supported functions are …`. */
const listed = /expecting \{([^}]*)\}|the supported functions are ([^\n]*)$/;

/** ` (did you mean filter?)` for a query that misspells a command or a function; otherwise nothing. */
export function nameHint(query: string, { message, span }: QueryError): string {
  const [, commands, functions] = listed.exec(message) ?? [];
  const names = (commands ?? functions ?? '').split(/, ?/);
  const [word = ''] = /^\w+/.exec(query.slice(span.start, span.end)) ?? [];
  return word === '' ? '' : didYouMean(word, names);
}

/**
 * Sentences about fields of a query that no event has: misspelt ones that start with `@`, and ones
 * that lack it, if the result has nothing under their name.
 */
export function fieldHints(
  query: Query,
  { rows, statistics }: Pick<EngineResult, 'rows' | 'statistics'>,
): string[] {
  const { fields, defined, columns } = namesIn(query);
  const shown = new Set(rows.flatMap((row) => row.map(({ field }) => field)));
  const hints = new Map<string, string>();
  for (const { name } of fields) {
    if (defined.has(name) || eventFields.includes(name) || name.startsWith('@@')) continue;
    const isMissing = !shown.has(name) && (columns.has(name) || statistics.recordsMatched === 0);
    if (name.startsWith('@')) {
      hints.set(name, `no event has the field ${name}${didYouMean(name, eventFields)}`);
    } else if (isMissing && eventFields.includes(`@${name}`)) {
      hints.set(name, `no event has the field ${name} (did you mean @${name}?)`);
    }
  }
  return [...hints.values()];
}

interface QueryNames {
  readonly fields: readonly FieldReference[];
  /** Names that its commands define. */
  readonly defined: ReadonlySet<string>;
  /** Fields that are columns of a result. */
  readonly columns: ReadonlySet<string>;
}

function namesIn(query: Query): QueryNames {
  const fields: FieldReference[] = [];
  const defined = new Set<string>();
  const columns = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { kind, name, columnName, expression } = node as Readonly<Record<string, unknown>>;
    if (kind === 'field') {
      fields.push(node as FieldReference);
      return;
    }
    // A name without a kind is one that a command defines.
    if (kind === undefined && typeof name === 'string') defined.add(name);
    if (typeof columnName === 'string') {
      const isField = (expression as { readonly kind?: string } | undefined)?.kind === 'field';
      (isField ? columns : defined).add(columnName);
    }
    for (const member of Object.values(node)) visit(member);
  };
  visit(query.commands);
  return { fields, defined, columns };
}
