import { Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { UserError } from './output.ts';

export const outputFormats = ['table', 'json', 'csv', 'ndjson'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** `--output`, for commands that print rows. */
export function outputOption(): Option {
  return new Option('--output <format>', 'how to print the results (default: table)').choices(
    outputFormats,
  );
}

/**
 * The format to print, of `--output` and of `--json`, which is older.
 *
 * @param ofJson what `--json` means for the command
 * @throws UserError when both are given and differ
 */
export function outputFormat(
  { output, json = false }: { readonly output?: OutputFormat; readonly json?: boolean },
  ofJson: OutputFormat,
): OutputFormat {
  if (!json) return output ?? 'table';
  if (output !== undefined && output !== ofJson) {
    throw new UserError(`--json means --output ${ofJson}, and --output ${output} was given, too`);
  }
  return ofJson;
}

/**
 * Rows as CSV with a header (RFC 4180). A spreadsheet would run a cell that begins with `=`, and log
 * lines are written by the people who are watched: such a cell gets an apostrophe. The names of
 * columns are the user's own, and stay what `replay` and `query` read again.
 */
export function rowsAsCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  const header = stringify([[...columns]]);
  const cells = stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
  return `${header}${cells}`.trimEnd();
}
