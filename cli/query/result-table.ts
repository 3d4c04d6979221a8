import Table from 'cli-table3';
import type { ResultField } from '../../local/insights-engine/engine-types.ts';
import { visibleTextUpTo } from '../../local/visible-text.ts';

const maxCellCharacters = 400;
/** Identifies an event for GetLogRecord; of no use to people. */
const hiddenColumn = '@ptr';

/**
 * The rows of a query as a table for a terminal, with one column per field in the order of
 * appearance.
 *
 * Cells are log text: control characters are made visible, and long cells are cut with a note of
 * how much is left out.
 *
 * @param width the terminal's columns, to which cells wrap; 0: no wrapping
 */
export function resultTable(rows: readonly (readonly ResultField[])[], width: number): string {
  const columns = columnsOf(rows);
  const cells = rows.map((row) => {
    const byField = new Map(row.map(({ field, value }) => [field, value]));
    return columns.map((column) => visibleTextUpTo(byField.get(column) ?? '', maxCellCharacters));
  });
  const head = columns.map((column) => visibleTextUpTo(column, maxCellCharacters));
  const table = new Table({
    head,
    style: { head: [], border: [] },
    wordWrap: true,
    wrapOnWordBoundary: false,
    ...(width > 0 ? { colWidths: columnWidths([head, ...cells], width) } : {}),
  });
  table.push(...cells);
  return table.toString();
}

function columnsOf(rows: readonly (readonly ResultField[])[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const { field } of row) columns.add(field);
  columns.delete(hiddenColumn);
  return [...columns];
}

/** Narrow columns get the width they need; the widest ones share the rest. */
function columnWidths(lines: readonly (readonly string[])[], width: number): number[] {
  const padding = 2;
  const wanted = (lines[0] ?? []).map(
    (_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)) + padding,
  );
  let left = width - wanted.length - 1;
  const widths = new Map<number, number>();
  const bySize = wanted.map((size, column) => ({ size, column })).sort((a, b) => a.size - b.size);
  for (const [index, { size, column }] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - index));
    const given = Math.max(padding + 1, Math.min(size, share));
    widths.set(column, given);
    left -= given;
  }
  return wanted.map((_, column) => widths.get(column) ?? padding + 1);
}
