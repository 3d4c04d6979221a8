import { createAsk } from '../../doctor/observe/ask.ts';
import { findAwsAccess } from '../../doctor/observe/aws-access.ts';
import type { Severity } from '../../lambda/findings/finding.ts';
import { createFindingMaker } from '../../lambda/findings/make-findings.ts';
import type { Slice } from '../../lambda/lanes.ts';
import { deriveFindings } from '../../local/replay/derive-findings.ts';
import { askYesNo } from '../ask-yes-no.ts';
import { countOf } from '../count-of.ts';
import { findingLines } from '../finding-list.ts';
import { findEnvironment } from '../named-environment.ts';
import { startProgress } from '../progress.ts';
import { UserError } from '../user-error.ts';
import { warn } from '../warnings.ts';
import { type AuditClients, createAuditClients } from './audit-clients.ts';
import { type AuditPlan, auditPlan } from './audit-plan.ts';
import { auditRange, type RangeOptions } from './audit-range.ts';
import {
  type Audit,
  countTable,
  exitCodeOf,
  notSeen,
  spanText,
  summaryLine,
  windowText,
} from './audit-report.ts';
import {
  type AuditAbout,
  type AuditState,
  auditLanes,
  checkSameAudit,
  doneSpans,
  newState,
  refusalsOf,
  totalsOf,
} from './audit-state.ts';
import { bytesOfSlice, bytesText, costUsd, usdText, type Volume, volumeOf } from './estimate.ts';
import { type FoundGroups, findGroups } from './find-groups.ts';
import { type GroupSpans, groupSpans } from './group-spans.ts';
import { incomingBytes } from './incoming-bytes.ts';
import { accountQueriesMax, QueryShare } from './query-share.ts';
import { readRange, type Unread } from './read-range.ts';
import { slicesLeft, sliceWidthMs } from './slice-plan.ts';
import { sliceReader } from './slice-reader.ts';
import { withoutSpans } from './spans.ts';
import { readState, StateFile } from './state-file.ts';
import { Stopper } from './stopper.ts';
import { timeLeftMs, timeLeftText } from './time-left.ts';

export interface ShowAuditOptions extends RangeOptions {
  readonly env: string;
  readonly region?: string;
  readonly profile?: string;
  /** Milliseconds of log time that are read at once. @default - see sliceWidthMs */
  readonly slice?: number;
  /** Queries at once. */
  readonly concurrency: number;
  /** Milliseconds that AWS may take no query. */
  readonly patience: number;
  /** US dollars for a gigabyte scanned. */
  readonly pricePerGb: number;
  /** @default - that of the environment's file */
  readonly alertAt?: Severity;
  /** File that a run is kept in. */
  readonly state?: string;
  /** Do not ask before it costs something. */
  readonly yes: boolean;
  /** Print findings as NDJSON and nothing else on the standard output. */
  readonly json: boolean;
}

/** What is known before the first query. */
interface Preparation {
  readonly mwaaEnvironment: string;
  readonly audit: AuditPlan;
  readonly clients: AuditClients;
  readonly found: FoundGroups;
  readonly groups: GroupSpans;
  readonly volume: Volume;
  readonly state: AuditState;
}

const notSeenShownMax = 40;

/**
 * Runs the detections over the past of an environment on AWS's Logs Insights, and prints what they
 * find.
 *
 * @returns the exit code; see exitCodeOf
 * @throws UserError, InputError, ObserveError for bad input, and when it was stopped: what was done and
 *   what remains is said then
 */
export async function showAudit(options: ShowAuditOptions): Promise<0 | 1 | 2> {
  const prepared = await prepare(options);
  const { audit, groups, state: before } = prepared;
  sayWhatIsThere(prepared);
  const left = slicesToRead(prepared);
  if (left.length > 0) await askWhetherToRead(options, prepared, left);

  const { state, unread, stopped } = await read(options, prepared);
  const totals = totalsOf(state);
  if (stopped !== undefined) {
    const cost = usdText(costUsd(totals.bytesScanned, options.pricePerGb));
    throw new UserError(
      `stopped: ${stopped}; ${doneText(prepared, state)}, ${bytesText(totals.bytesScanned)} scanned (${cost}); no query of it runs any more; ${
        options.state === undefined
          ? 'nothing was kept: with --state FILE a run goes on where it was stopped'
          : `the same command goes on with what is left (${options.state})`
      }`,
    );
  }
  const { mwaaEnvironment, clients } = prepared;
  const detectedAtEpochMs = Date.now();
  const findingMaker = makerOf(prepared);
  const { findings, approved, matchedEvents } = deriveFindings(totals.lines, {
    ...{ findingMaker, region: clients.region, detectedAtEpochMs },
    settings: { environment: mwaaEnvironment, correlateSeconds: audit.correlateSeconds },
    isApproved: (change) => findingMaker.isApproved(change),
  });
  const done: Audit = {
    ...{ mwaaEnvironment, range: before.about.range, groups, totals, unread },
    ...{ refused: refusalsOf(state), findings, approved },
    blind: prepared.found.coverage.flatMap(({ logGroup, blind }) =>
      blind === undefined ? [] : [{ logGroup, detail: blind.detail }],
    ),
  };
  for (const finding of findings) {
    console.log(options.json ? JSON.stringify(finding) : findingLines(finding).join('\n'));
  }
  for (const finding of approved) {
    console.error(`approved beforehand, not counted:\n${findingLines(finding).join('\n')}`);
  }
  sayWhatWasNotSeen(done);
  console.error(countTable(done));
  console.error(summaryLine(done, matchedEvents, options.pricePerGb));
  return exitCodeOf(done, options.alertAt ?? audit.alertAt);
}

function makerOf({
  mwaaEnvironment,
  audit: { plan },
  clients: { region },
}: Pick<Preparation, 'mwaaEnvironment' | 'audit' | 'clients'>) {
  const config = { mwaaEnvironment, approvedChanges: plan.approvedChanges };
  return createFindingMaker({ config, plan, region });
}

async function prepare(options: ShowAuditOptions): Promise<Preparation> {
  const { env, region, profile } = options;
  const { mwaaEnvironment, config } = findEnvironment(env, region);
  const audit = auditPlan(config);
  const kept = options.state === undefined ? undefined : await readState(options.state);
  const nowEpochMs = Date.now();
  const range = auditRange(options, nowEpochMs, kept?.about.range);
  const access = await findAwsAccess({ region: region ?? config?.region, profile });
  const clients = createAuditClients(access);
  const ask = createAsk();
  const found = await findGroups(ask, clients, mwaaEnvironment);
  const groups = groupSpans(mwaaEnvironment, found.groups, range, nowEpochMs);
  const names = groups.spans.map(({ logGroup }) => logGroup);
  const incoming =
    names.length === 0
      ? ({ kind: 'known', groups: new Map() } as const)
      : await incomingBytes(ask, clients, names, range, nowEpochMs);
  if (incoming.kind === 'unknown') {
    warn(`how many bytes came in is not known, only what is stored now: ${incoming.reason}`);
  }
  const volume = volumeOf(
    incoming.kind === 'known' ? incoming.groups : new Map(),
    storedBytes(found, groups, nowEpochMs),
  );
  const bytes = groups.spans.reduce(
    (sum, { logGroup, window }) => sum + volume(logGroup, window),
    0,
  );
  const about: AuditAbout = {
    ...{ environment: mwaaEnvironment, region: clients.region, account: found.account },
    ...{ planHash: audit.hash, range },
    sliceMs: options.slice ?? kept?.about.sliceMs ?? sliceWidthMs(range, bytes),
  };
  if (kept !== undefined && options.state !== undefined) {
    checkSameAudit(options.state, kept, about, audit.plan);
  }
  const state = kept === undefined ? newState(about) : { ...kept, about };
  const done = doneSpans(state.readings);
  // What is gone by now may have been read before.
  const gone = groups.gone.flatMap(({ logGroup, window }) =>
    withoutSpans(window, done('pack', logGroup)).map((left) => ({ logGroup, window: left })),
  );
  return {
    ...{ mwaaEnvironment, audit, clients, found, volume, state },
    groups: { ...groups, gone },
  };
}

/** What is stored was written since the group was made, or since its retention begins. */
function storedBytes({ groups }: FoundGroups, { gone }: GroupSpans, nowEpochMs: number) {
  return new Map(
    [...groups].map(([logGroup, { storedBytes: bytes = 0, createdEpochMs = 0 }]) => {
      const end = gone.find((span) => span.logGroup === logGroup)?.window.endEpochMs ?? 0;
      const startEpochMs = Math.max(createdEpochMs, end);
      return [logGroup, { bytes, window: { startEpochMs, endEpochMs: nowEpochMs } }] as const;
    }),
  );
}

function slicesToRead({ groups, state }: Preparation): Slice[] {
  const done = doneSpans(state.readings);
  return auditLanes.flatMap((lane) =>
    slicesLeft(groups.spans, state.about.sliceMs, (logGroup) => done(lane, logGroup)),
  );
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
  if (groups.spans.length === 0) {
    throw new UserError(
      `there is nothing to read: ${[...groups.gone.map((span) => `${spanText(span)} is gone`), ...groups.before.map((span) => `${spanText(span)} was before the group`)].join(', ')}`,
    );
  }
}

/** @throws UserError when nobody agrees */
async function askWhetherToRead(
  { yes, pricePerGb, concurrency }: ShowAuditOptions,
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
  if (!(await askYesNo('Scan?'))) throw new UserError('nothing was scanned');
}

async function read(
  options: ShowAuditOptions,
  { mwaaEnvironment, audit, clients, found, groups, volume, state: before }: Preparation,
): Promise<{
  readonly state: AuditState;
  readonly unread: readonly Unread[];
  readonly stopped: string | undefined;
}> {
  const stopper = new Stopper();
  const { concurrency, patience } = options;
  new QueryShare(stopper, { concurrency, patienceMs: patience }).watch(clients.queries);
  let state = before;
  const file = options.state === undefined ? undefined : new StateFile(options.state);
  await file?.save(state);
  const progress = progressOf(volume);
  const forget = onSignals((signal) => {
    progress.stop();
    if (stopper.reason === undefined) console.error(`${signal}: stopping the queries that run`);
    stopper.stop(`by ${signal}`);
  });
  try {
    const { timer } = stopper;
    const readSlice = sliceReader({
      shell: { logs: clients.queries, timer, random: Math.random, log: () => undefined },
      ...{ plan: audit.plan, groups: found.groups, texts: state.texts, nowEpochMs: Date.now() },
      findingMaker: makerOf({ mwaaEnvironment, audit, clients }),
      onLearnt: (texts) => {
        state = { ...state, texts };
      },
    });
    const unread = await readRange(
      {
        ...{ groups: groups.spans, concurrency, stopper, read: readSlice },
        sliceMs: state.about.sliceMs,
        keep: async (readings) => {
          state = { ...state, readings: [...state.readings, ...readings] };
          await file?.save(state);
        },
        onPlan: progress.plan,
        onSlice: progress.done,
      },
      before.readings,
    );
    return { state, unread, stopped: stopper.reason };
  } finally {
    progress.stop();
    forget();
    clients.queries.destroy();
  }
}

/** How far it is, by slices, and how much time is left, by the bytes of them. */
function progressOf(volume: Volume) {
  const progress = startProgress('reading', 'slices');
  const startedMs = performance.now();
  let meanBytes = 0;
  const work = { done: 0, total: 0 };
  const slices = { done: 0, total: 0 };
  // A slice without a byte takes its time as well.
  const weightOf = (slice: Slice) => bytesOfSlice(slice, volume) + meanBytes + 1;
  return {
    plan: (planned: readonly Slice[]) => {
      const bytes = planned.reduce((sum, slice) => sum + bytesOfSlice(slice, volume), 0);
      meanBytes = bytes / planned.length;
      work.total = work.done + planned.reduce((sum, slice) => sum + weightOf(slice), 0);
      slices.total = slices.done + planned.length;
      progress.update(slices.done, slices.total);
    },
    done: (slice: Slice) => {
      work.done += weightOf(slice);
      slices.done += 1;
      const leftMs = timeLeftMs(work, performance.now() - startedMs);
      progress.update(slices.done, slices.total, timeLeftText(leftMs));
    },
    stop: () => progress.stop(),
  };
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
      `${countOf(doubts, 'query')} scanned fewer log groups than asked, or may count a second too much`,
    );
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns takes the listeners away */
function onSignals(told: (signal: string) => void): () => void {
  for (const signal of signals) process.on(signal, told);
  return () => {
    for (const signal of signals) process.off(signal, told);
  };
}
