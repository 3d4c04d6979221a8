import { approvalsOf } from '../../lambda/plan/approvals.ts';
import { detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import { deriveFindings } from '../../local/replay/derive-findings.ts';
import { findingLines, printApproved } from '../common/finding-list.ts';
import { onSignals } from '../common/interruption.ts';
import { countOf, jsonText, UserError } from '../common/output.ts';
import { costUsd, usdText } from '../common/prices.ts';
import { warn } from '../common/progress.ts';
import { askYes } from '../common/terminal.ts';
import type { AuditOptions } from './audit-range.ts';
import {
  type Audit,
  countTable,
  exitCodeOf,
  notSeen,
  spanText,
  summaryLine,
  windowText,
} from './audit-report.ts';
import { type AuditState, refusalsOf, totalsOf } from './audit-state.ts';
import { bytesOfSlice, bytesText } from './estimate.ts';
import { type Preparation, prepareAudit, slicesToRead } from './prepare-audit.ts';
import { accountQueriesMax } from './query-share.ts';
import { runAudit } from './run-audit.ts';
import { lockState } from './state-file.ts';

const notSeenShownMax = 40;
/** The monitor's default `settleMinutes`, in milliseconds. */
const settleMs = 5 * 60_000;

/**
 * Runs the detections over past logs of an environment with Logs Insights in AWS, and prints the
 * findings.
 *
 * @returns the exit code; see exitCodeOf
 * @throws UserError, InputError, ObserveError for bad input, and when it was stopped: by then the
 *   findings so far are printed, and the message says what was done and what remains
 */
export async function showAudit(options: AuditOptions): Promise<0 | 1 | 2> {
  const unlock = options.state === undefined ? undefined : lockState(options.state);
  try {
    return await auditWithState(options);
  } finally {
    unlock?.();
  }
}

async function auditWithState(options: AuditOptions): Promise<0 | 1 | 2> {
  const prepared = await untilReading(options);
  const { audit, groups, state: before } = prepared;
  const { state, unread, stopped, mayRunOn } = await runAudit(options, prepared);
  const totals = totalsOf(state);
  const { mwaaEnvironment, clients } = prepared;
  const detectedAtEpochMs = Date.now();
  const { plan } = audit;
  const { findings, approved, matchedEvents } = deriveFindings(totals.lines, {
    detections: detectionsById(plan),
    ...{ region: clients.region, detectedAtEpochMs },
    settings: { environment: mwaaEnvironment, correlateSeconds: audit.correlateSeconds },
    isApproved: (change) => approvalsOf(change, plan.approvedChanges).length > 0,
  });
  const done: Audit = {
    ...{ mwaaEnvironment, range: before.about.range, groups, totals, unread },
    ...{ refused: refusalsOf(state, audit.plan), findings, approved },
    blind: prepared.found.coverage.flatMap(({ logGroup, blind }) =>
      blind === undefined ? [] : [{ logGroup, detail: blind.detail }],
    ),
  };
  for (const finding of findings) {
    console.log(
      options.json
        ? jsonText({ ...finding, account: before.about.account, region: clients.region })
        : findingLines(finding).join('\n'),
    );
  }
  printApproved(approved);
  if (stopped !== undefined) {
    const said = stoppedText({ ...{ stopped, mayRunOn, prepared, state }, options });
    throw new UserError(
      `stopped: ${said}; ${countOf(findings.length, 'finding')} so far, and possibly more in the rest`,
    );
  }
  warnOfUnseen(done);
  console.error(countTable(done));
  console.error(summaryLine(done, matchedEvents, options.pricePerGb));
  return exitCodeOf(done, options.alertAt ?? audit.alertAt);
}

/** Why an audit was stopped, how far it came, what still runs, and how to continue. */
function stoppedText({
  stopped,
  mayRunOn,
  prepared,
  state,
  options,
}: {
  readonly stopped: string;
  readonly mayRunOn: number;
  readonly prepared: Preparation;
  readonly state: AuditState;
  readonly options: Pick<AuditOptions, 'pricePerGb' | 'state'>;
}): string {
  const { bytesScanned } = totalsOf(state);
  const cost = usdText(costUsd(bytesScanned, options.pricePerGb));
  const isRunning =
    mayRunOn === 0
      ? 'none of its queries is still running'
      : `${countOf(mayRunOn, 'query', 'queries')} may still be running, and will end without intervention`;
  const howToContinue =
    options.state === undefined
      ? 'nothing was stored: with --state FILE a stopped audit can be continued'
      : `the same command continues with the rest (${options.state})`;
  return `${stopped}; ${doneText(prepared, state)}, ${bytesText(bytesScanned)} scanned (${cost}); ${isRunning}; ${howToContinue}`;
}

/** Everything before the first query; interrupting it has no effect in AWS. */
async function untilReading(options: AuditOptions): Promise<Preparation> {
  const forget = onSignals((signal) => {
    console.error(`error: stopped by ${signal} before anything was scanned`);
    process.exit(2);
  });
  try {
    const prepared = await prepareAudit(options);
    printScope(prepared);
    const left = slicesToRead(prepared);
    if (left.length > 0) await askWhetherToRead(options, prepared, left);
    return prepared;
  } finally {
    forget();
  }
}

function printScope({ mwaaEnvironment, groups, state }: Preparation): void {
  const { range, region, account } = state.about;
  const { start, end } = windowText(range);
  console.error(
    `audit of MWAA environment ${mwaaEnvironment} in ${region}, account ${account}: ${start} to ${end} UTC, ${countOf(groups.spans.length, 'log group')}`,
  );
  for (const span of groups.before) {
    console.error(`${spanText(span)}: the group did not exist yet`);
  }
  if (Date.now() - range.endEpochMs < settleMs) {
    console.error('the last minutes may lack events that are not visible yet');
  }
  if (groups.spans.length === 0) {
    throw new UserError(
      `there is nothing to read: ${[...groups.gone.map((span) => `${spanText(span)} has expired`), ...groups.before.map((span) => `${spanText(span)} is before the group existed`)].join(', ')}`,
    );
  }
}

/** @throws UserError without confirmation */
async function askWhetherToRead(
  { yes, pricePerGb, concurrency }: AuditOptions,
  { volume, state }: Preparation,
  left: readonly Slice[],
): Promise<void> {
  const bytes = left.reduce((sum, slice) => sum + bytesOfSlice(slice, volume), 0);
  const isRest = state.readings.length > 0;
  console.error(
    `about ${bytesText(bytes)} ${isRest ? 'are left to scan' : 'will be scanned'} (each byte twice: for the documented query and for the detections) in ${countOf(left.length, 'slice')}, with ${concurrency} of the ${accountQueriesMax} concurrent queries that the account may run; that costs ${usdText(costUsd(bytes, pricePerGb))} at ${pricePerGb} USD per GB (the price depends on the Region: https://aws.amazon.com/cloudwatch/pricing/, Logs Insights)`,
  );
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError(
      'an audit costs money and asks for confirmation, but there is no terminal: give --yes',
    );
  }
  if (!(await askYes('Scan?'))) throw new UserError('nothing was scanned');
}

/** `41 of 120 slices are read` */
function doneText(prepared: Preparation, state: AuditState): string {
  const all = slicesToRead({ ...prepared, state: { ...state, readings: [] } }).length;
  const left = slicesToRead({ ...prepared, state }).length;
  return `${(all - left).toLocaleString('en')} of ${countOf(all, 'slice')} ${all - left === 1 ? 'is' : 'are'} read`;
}

function warnOfUnseen(audit: Audit): void {
  const sentences = notSeen(audit);
  for (const sentence of sentences.slice(0, notSeenShownMax)) warn(sentence);
  const more = sentences.length - notSeenShownMax;
  if (more > 0) warn(`and ${countOf(more, 'more warning')} like these`);
  const { doubts } = audit.totals;
  if (doubts > 0) {
    console.error(
      `${countOf(doubts, 'query', 'queries')} scanned fewer log groups than requested, or may count one second too much`,
    );
  }
}
