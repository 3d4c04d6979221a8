import { Command } from 'commander';
import type { LogType } from '../../lambda/model/log-types.ts';
import { queryResults } from '../../local/aws-endpoints/logs/get-query-results.ts';
import type { EngineResult } from '../../local/insights-engine/engine-types.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import { countOf } from '../shared/count-of.ts';
import {
  type IncompleteLogsOptions,
  reportIncomplete,
  whatIsMissing,
} from '../shared/incomplete-logs.ts';
import { jsonText } from '../shared/json-text.ts';
import {
  allowIncompleteOption,
  environmentOption,
  logsOption,
  logTypeOption,
} from '../shared/log-options.ts';
import { openLogs } from '../shared/open-logs.ts';
import { parseTime } from '../shared/time-option.ts';
import { checkOrder, timeRange } from '../shared/time-range.ts';
import { UserError } from '../shared/user-error.ts';
import { warn } from '../shared/warnings.ts';
import { queryPlace } from './query-place.ts';
import { resultTable } from './result-table.ts';

interface QueryOptions extends IncompleteLogsOptions {
  readonly logs: string;
  readonly environment?: string;
  readonly logType?: LogType;
  readonly from?: number;
  readonly to?: number;
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
  return new Command('query')
    .description('run a CloudWatch Logs Insights query on local logs')
    .argument('<query>', 'text of the query')
    .addOption(logsOption().makeOptionMandatory())
    .addOption(environmentOption())
    .addOption(logTypeOption())
    .addOption(allowIncompleteOption())
    .option('--from <time>', 'first second to read, such as 2026-11-22T05:47:00Z', parseTime)
    .option('--to <time>', 'last second to read, inclusive', parseTime)
    .option('--json', 'print what GetQueryResults would return')
    .addHelpText('after', examples)
    .action(runQuery);
}

async function runQuery(query: string, options: QueryOptions): Promise<void> {
  try {
    await answerQuery(query, options);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new UserError(error.message, { detail: queryPlace(query, error), cause: error });
  }
}

async function answerQuery(query: string, options: QueryOptions): Promise<void> {
  if (query.trim() === '') throw new UserError('the query is empty');
  checkOrder(options);
  // Reports errors in the query before reading the logs, which may take minutes.
  const namesLogGroups = parseQuery(query).commands[0]?.kind === 'source';

  const logs = await openLogs({ ...options, path: options.logs });
  const { engine } = logs;
  try {
    const logGroups = (await engine.logGroups()).map(({ logGroup }) => logGroup);
    const result = await engine.run({
      queryString: query,
      ...(namesLogGroups ? {} : { logGroups }),
      ...timeRange(options, logs),
      nowEpochMs: logs.nowEpochMs(),
    });
    for (const warning of result.warnings) warn(warning);
    if (options.json) console.log(jsonText(queryResults('Complete', result), 2));
    else printTable(result, logs.report.isComplete);
    if (reportIncomplete(whatIsMissing(options.logs, logs.report), options)) process.exitCode = 2;
  } finally {
    engine.close();
  }
}

function printTable({ rows, statistics }: EngineResult, isComplete: boolean): void {
  if (rows.length > 0) console.log(resultTable(rows, process.stdout.columns ?? 0));
  console.log(
    `${countOf(rows.length, 'row')}; ${statistics.recordsMatched.toLocaleString('en')} of ${countOf(statistics.recordsScanned, 'event')}${isComplete ? '' : ' that could be read'} matched, ${countOf(statistics.bytesScanned, 'byte')} scanned in ${countOf(statistics.logGroupsScanned, 'log group')}`,
  );
}
