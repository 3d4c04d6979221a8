import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { findMonitor } from '../common/deployed-monitor.ts';
import { bySeverity } from '../common/finding-list.ts';
import { findEnvironment } from '../common/named-environment.ts';
import { countOf, jsonText, UserError } from '../common/output.ts';
import { warn } from '../common/progress.ts';
import { checkOrder } from '../common/time-options.ts';
import { coverageLines, coverageSpans } from './coverage-spans.ts';
import {
  type FindingRange,
  type FindingsOptions,
  findingsCsv,
  listedLines,
  listFindings,
} from './list-findings.ts';
import { type LedgerContent, readLedger } from './read-ledger.ts';
import { suggestApproval } from './suggest-approval.ts';

const defaultLastMs = 90 * dayMs;
const unreadableShownMax = 20;

/**
 * Prints the findings of a deployed monitor, what it watched, or an approval.
 *
 * @returns the exit code: 2 when part of the ledger could not be read
 * @throws UserError, InputError for bad input
 */
export async function showFindings(options: FindingsOptions): Promise<0 | 2> {
  const nowEpochMs = Date.now();
  const range = rangeOf(options, nowEpochMs);
  checkOptions(options);
  const { mwaaEnvironment, file, config, otherNames } = findEnvironment(
    options.env,
    options.region,
  );
  const region = options.region ?? config?.region;
  const access = options.profile === undefined ? {} : { profile: options.profile };
  const monitor = await findMonitor(
    new CloudFormationClient({ ...access, ...(region !== undefined && { region }) }),
    {
      ...{ name: options.env, file, otherNames, account: config?.account },
      ...{ stack: options.stack, mwaaEnvironment },
    },
  );
  const content = await readLedger(
    new DynamoDBClient({ ...access, region: monitor.region }),
    monitor.ledgerTable,
  );
  for (const line of linesToPrint(content, { options, range, nowEpochMs, monitor })) {
    console.log(line);
  }
  return warnOfUnreadable(content);
}

interface Asked {
  readonly options: FindingsOptions;
  readonly range: FindingRange;
  readonly nowEpochMs: number;
  readonly monitor: { readonly environment: string };
}

function linesToPrint(content: LedgerContent, { options, range, nowEpochMs, monitor }: Asked) {
  if (options.approve !== undefined) {
    const { approve } = options;
    const record = content.findings.find(({ finding }) => finding.id === approve);
    if (record === undefined) {
      throw new UserError(`--approve: the ledger has no finding ${approve}`);
    }
    return ['approvedChanges:', suggestApproval(record, nowEpochMs)];
  }
  if (options.coverage) {
    const groups = logTypes.map((logType) => logGroupName(monitor.environment, logType));
    const spans = coverageSpans(content.slices, groups, range);
    if (!options.json) return coverageLines(spans);
    return spans.map(({ startEpochMs, endEpochMs, ...span }) =>
      jsonText({ schema: 1, ...span, start: iso(startEpochMs), end: iso(endEpochMs) }),
    );
  }
  const listed = listFindings(content.findings, range);
  console.error(
    `${countOf(listed.length, 'finding')}${bySeverity(listed.map(({ finding }) => finding))} of MWAA environment ${monitor.environment}, ${iso(range.fromEpochMs)} to ${iso(range.toEpochMs)}`,
  );
  if (options.csv) return [findingsCsv(listed).trimEnd()];
  return listed.flatMap((one) => (options.json ? [jsonText(one)] : listedLines(one)));
}

function warnOfUnreadable({ unreadable }: LedgerContent): 0 | 2 {
  for (const item of unreadable.slice(0, unreadableShownMax)) {
    warn(`ledger item ${item}: not shown`);
  }
  const more = unreadable.length - unreadableShownMax;
  if (more > 0) warn(`and ${countOf(more, 'more item')} like these`);
  return unreadable.length > 0 ? 2 : 0;
}

/** @throws UserError when the options contradict each other */
function rangeOf({ last, from, to }: FindingsOptions, nowEpochMs: number): FindingRange {
  if (last !== undefined && (from !== undefined || to !== undefined)) {
    throw new UserError('--last cannot be given together with --from or --to');
  }
  checkOrder({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  const toEpochMs = to ?? nowEpochMs;
  return { fromEpochMs: from ?? toEpochMs - (last ?? defaultLastMs), toEpochMs };
}

/** @throws UserError when the options contradict each other, or an id cannot be one */
function checkOptions({ json, csv, coverage, approve }: FindingsOptions): void {
  const given = [
    ...(json && csv ? [['--json', '--csv']] : []),
    ...(csv && coverage ? [['--csv', '--coverage']] : []),
    ...(approve !== undefined && coverage ? [['--approve', '--coverage']] : []),
    ...(approve !== undefined && json ? [['--approve', '--json']] : []),
    ...(approve !== undefined && csv ? [['--approve', '--csv']] : []),
  ];
  const [first] = given;
  if (first !== undefined) {
    throw new UserError(`${first[0]} cannot be given together with ${first[1]}`);
  }
  if (approve !== undefined && !/^[0-9a-f]{32}$/.test(approve)) {
    throw new UserError(
      `--approve: must be the id of a finding, 32 hexadecimal digits (got "${approve}")`,
    );
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
