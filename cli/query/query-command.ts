import Table from 'cli-table3';
import { Command } from 'commander';
import { queryResults } from '../../local/aws-endpoints/logs/query-response.ts';
import type { EngineResult, ResultField } from '../../local/insights-engine/engine-types.ts';
import { startSpareThread } from '../../local/log-threads/judge-worker.ts';
import { shownCount } from '../../local/shown-count.ts';
import { visibleText, visibleTextUpTo } from '../../local/visible-text.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import {
  allowIncompleteOption,
  environmentOption,
  type IncompleteLogsOptions,
  type LogsOfRangeOptions,
  logGroupOption,
  logsOption,
  logTypeOption,
  reportIncomplete,
  whatIsMissing,
} from '../common/log-options.ts';
import { openLogs } from '../common/open-logs.ts';
import { countOf, jsonText, UserError } from '../common/output.ts';
import {
  type OutputFormat,
  outputFormat,
  outputOption,
  rowsAsCsv,
} from '../common/output-format.ts';
import { warn } from '../common/progress.ts';
import {
  afterTheLogs,
  checkOrder,
  foreseenRange,
  timeRange,
  timeRangeOptions,
} from '../common/time-options.ts';
import { fieldHints, nameHint } from './name-hints.ts';

const maxCharactersBefore = 70;
const maxCharactersAfter = 50;

/**
 * The line of a query that an error concerns, with carets under the position.
 *
 * @returns two lines; a long line is cut around the position
 */
export function queryPlace(query: string, { span }: Pick<QueryError, 'span'>): string {
  const start = Math.min(span.start, query.length);
  const lineStart = query.lastIndexOf('\n', start - 1) + 1;
  const nextBreak = query.indexOf('\n', start);
  const lineEnd = nextBreak === -1 ? query.length : nextBreak;

  const shownStart = Math.max(lineStart, start - maxCharactersBefore);
  const shownEnd = Math.min(lineEnd, start + maxCharactersAfter);
  const markedEnd = Math.max(start, Math.min(span.end, shownEnd));

  const part = (from: number, to: number) => visibleText(query.slice(from, to));
  const before = `${shownStart > lineStart ? '…' : ''}${part(shownStart, start)}`;
  const marked = part(start, markedEnd);
  const after = `${part(markedEnd, shownEnd)}${shownEnd < lineEnd ? '…' : ''}`;
  return `  ${before}${marked}${after}\n  ${' '.repeat(before.length)}${'^'.repeat(Math.max(1, marked.length))}`;
}

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

interface QueryOptions extends IncompleteLogsOptions, LogsOfRangeOptions {
  readonly output?: OutputFormat;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor query --logs events.ndjson 'stats count() by @log'
  $ npx privilege-monitor query --logs ~/airflow/logs --environment Prod \\
      'fields @timestamp, @message | filter @message like "add-role" | sort @timestamp | limit 20'
  $ npx privilege-monitor query --logs logs/ --from 2026-11-22T05:50 --to 2026-11-22T06:00 --json \\
      'fields @timestamp, @logStream | filter @log like /-Task$/'

The query reads all log groups, unless it begins with SOURCE 'group'. If not all of the logs could be
read, it prints the result of the rest and has exit code 2.`;

export function queryCommand(): Command {
  const command = new Command('query')
    .description('run a CloudWatch Logs Insights query on local logs')
    .argument('<query>', 'text of the query')
    .addOption(logsOption().makeOptionMandatory())
    .addOption(environmentOption())
    .addOption(logTypeOption())
    .addOption(logGroupOption())
    .addOption(allowIncompleteOption())
    .addOption(outputOption())
    .option('--json', 'print what GetQueryResults would return: --output json')
    .addHelpText('after', examples)
    .action(runQuery);
  for (const option of timeRangeOptions()) command.addOption(option);
  return command;
}

async function runQuery(query: string, options: QueryOptions): Promise<void> {
  try {
    await answerQuery(query, options);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new UserError(`${error.message}${nameHint(query, error)}`, {
      detail: queryPlace(query, error),
      cause: error,
    });
  }
}

async function answerQuery(query: string, options: QueryOptions): Promise<void> {
  if (query.trim() === '') throw new UserError('the query is empty');
  checkOrder(options);
  // Reports errors in the query before reading the logs, which may take minutes.
  const parsed = parseQuery(query);
  // It loads its code while DuckDB opens; a query that looks for no text leaves it unused.
  if (parsed.commands.some(({ kind }) => kind === 'filter')) startSpareThread(options.logs);
  const namesLogGroups = parsed.commands[0]?.kind === 'source';
  const format = outputFormat(options, 'json');

  const onlyQuery = { text: query, range: foreseenRange(options) };
  const logs = await openLogs({ ...options, path: options.logs, onlyQuery });
  const { engine } = logs;
  try {
    const logGroups = (await engine.logGroups()).map(({ logGroup }) => logGroup);
    const result = await engine.run({
      queryString: query,
      ...(namesLogGroups ? {} : { logGroups }),
      ...timeRange(options, logs),
      nowEpochMs: logs.nowEpochMs(),
    });
    const late = afterTheLogs(options, logs);
    const hints = late === undefined ? fieldHints(parsed, result) : [late];
    for (const warning of [...result.warnings, ...hints]) warn(warning);
    printResult(result, format, logs.report.isComplete);
    if (reportIncomplete(whatIsMissing(options.logs, logs.report), options)) process.exitCode = 2;
  } finally {
    engine.close();
  }
}

function printResult(result: EngineResult, format: OutputFormat, isComplete: boolean): void {
  const { rows, statistics } = result;
  if (format === 'json') {
    console.log(jsonText(queryResults('Complete', result), 2));
    return;
  }
  const summary = `${countOf(rows.length, 'row')}; ${shownCount(statistics.recordsMatched)} of ${countOf(statistics.recordsScanned, 'event')}${isComplete ? '' : ' that could be read'} matched, ${countOf(statistics.bytesScanned, 'byte')} scanned in ${countOf(statistics.logGroupsScanned, 'log group')}`;
  if (format === 'table') {
    if (rows.length > 0) console.log(resultTable(rows, process.stdout.columns ?? 0));
    console.log(summary);
    return;
  }
  if (format === 'csv') console.log(resultCsv(rows));
  else for (const row of rows) console.log(jsonText(objectOf(row)));
  console.error(summary);
}

function objectOf(row: readonly ResultField[]): Record<string, string> {
  return Object.fromEntries(
    row.flatMap(({ field, value }) => (field === hiddenColumn ? [] : [[field, value]])),
  );
}

function resultCsv(rows: readonly (readonly ResultField[])[]): string {
  const columns = columnsOf(rows);
  const cells = rows.map((row) => {
    const byField = new Map(row.map(({ field, value }) => [field, value]));
    return columns.map((column) => byField.get(column));
  });
  return rowsAsCsv(columns, cells);
}
