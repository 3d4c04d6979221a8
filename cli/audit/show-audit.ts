import { approvalsOf } from '../../lambda/approvals.ts';
import { detectionsById } from '../../lambda/findings/detection-in-plan.ts';
import type { Slice } from '../../lambda/lanes.ts';
import { deriveFindings } from '../../local/replay/derive-findings.ts';
import { askYes } from '../ask-yes.ts';
import { countOf } from '../count-of.ts';
import { findingLines, tellApproved } from '../finding-list.ts';
import { jsonText } from '../json-text.ts';
import { onSignals } from '../on-signals.ts';
import { costUsd, usdText } from '../prices.ts';
import { UserError } from '../user-error.ts';
import { warn } from '../warnings.ts';
import type { AuditOptions } from './audit-options.ts';
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
import { lockState } from './state-lock.ts';

const notSeenShownMax = 40;
/** So far the monitor stays behind the present by default. */
const settleMs = 5 * 60_000;

/**
 * Runs the detections over the past of an environment on AWS's Logs Insights, and prints what they
 * find.
 *
 * @returns the exit code; see exitCodeOf
 * @throws UserError, InputError, ObserveError for bad input, and when it was stopped: the findings of what
 *   was read are printed by then, and what was done and what remains is said
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
  tellApproved(approved);
  if (stopped !== undefined) {
    const said = stoppedText({ ...{ stopped, mayRunOn, prepared, state }, options });
    throw new UserError(
      `stopped: ${said}; ${countOf(findings.length, 'finding')} in what was read so far, which the rest may add to`,
    );
  }
  sayWhatWasNotSeen(done);
  console.error(countTable(done));
  console.error(summaryLine(done, matchedEvents, options.pricePerGb));
  return exitCodeOf(done, options.alertAt ?? audit.alertAt);
}

/** Why an audit was stopped, how far it came, and what goes on. */
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
      ? 'no query of it runs any more'
      : `${countOf(mayRunOn, 'query', 'queries')} may still run, and will end by themselves`;
  const isKept =
    options.state === undefined
      ? 'nothing was kept: with --state FILE a run goes on where it was stopped'
      : `the same command goes on with what is left (${options.state})`;
  return `${stopped}; ${doneText(prepared, state)}, ${bytesText(bytesScanned)} scanned (${cost}); ${isRunning}; ${isKept}`;
}

/** All that comes before the first query; whoever ends it in between has changed nothing. */
async function untilReading(options: AuditOptions): Promise<Preparation> {
  const forget = onSignals((signal) => {
    console.error(`error: stopped by ${signal} before anything was scanned`);
    process.exit(2);
  });
  try {
    const prepared = await prepareAudit(options);
    sayWhatIsThere(prepared);
    const left = slicesToRead(prepared);
    if (left.length > 0) await askWhetherToRead(options, prepared, left);
    return prepared;
  } finally {
    forget();
  }
}

function sayWhatIsThere({ mwaaEnvironment, groups, state }: Preparation): void {
  const { range, region, account } = state.about;
  const { start, end } = windowText(range);
  console.error(
    `audit of MWAA environment ${mwaaEnvironment} in ${region}, account ${account}: ${start} to ${end} UTC, ${countOf(groups.spans.length, 'log group')}`,
  );
  for (const span of groups.before) {
    console.error(`${spanText(span)}: the group was not there yet`);
  }
  if (Date.now() - range.endEpochMs < settleMs) {
    console.error('events of the last minutes may not be visible yet');
  }
  if (groups.spans.length === 0) {
    throw new UserError(
      `there is nothing to read: ${[...groups.gone.map((span) => `${spanText(span)} is gone`), ...groups.before.map((span) => `${spanText(span)} was before the group`)].join(', ')}`,
    );
  }
}

/** @throws UserError when nobody agrees */
async function askWhetherToRead(
  { yes, pricePerGb, concurrency }: AuditOptions,
  { volume, state }: Preparation,
  left: readonly Slice[],
): Promise<void> {
  const bytes = left.reduce((sum, slice) => sum + bytesOfSlice(slice, volume), 0);
  const isRest = state.readings.length > 0;
  console.error(
    `about ${bytesText(bytes)} ${isRest ? 'are left to scan' : 'will be scanned'} (each byte twice: for the documented query and for the detections) in ${countOf(left.length, 'slice')}, ${concurrency} at once of the ${accountQueriesMax} queries that the account may run; that costs ${usdText(costUsd(bytes, pricePerGb))} at ${pricePerGb} USD per GB (the price depends on the Region: https://aws.amazon.com/cloudwatch/pricing/, Logs Insights)`,
  );
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError(
      'an audit costs money and asks before it scans: give --yes where nobody can answer',
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

function sayWhatWasNotSeen(audit: Audit): void {
  const sentences = notSeen(audit);
  for (const sentence of sentences.slice(0, notSeenShownMax)) warn(sentence);
  const more = sentences.length - notSeenShownMax;
  if (more > 0) warn(`and ${countOf(more, 'more such sentence')}`);
  const { doubts } = audit.totals;
  if (doubts > 0) {
    console.error(
      `${countOf(doubts, 'query', 'queries')} scanned fewer log groups than asked, or may count a second too much`,
    );
  }
}
