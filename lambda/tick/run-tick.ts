import { callTimeoutMinMs } from '../aws/call-aws.ts';
import { describeError, describeErrors } from '../common/log.ts';
import { type Deadline, deadlineIn, startOfDay, type Timer } from '../common/time.ts';
import { coverageChange, silenceChange } from '../coverage/coverage-change.ts';
import { addedToDay, type DayBytes, totalOfDay } from '../ledger/day-bytes.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { type MonitorState, saveMonitorState } from '../ledger/monitor-state.ts';
import { loadRefusedTexts, saveRefusedTexts } from '../ledger/stored-refusals.ts';
import { putMetrics } from '../metrics/put-metrics.ts';
import { documentedData, healthData, type TickHealth, tickTotals } from '../metrics/tick-totals.ts';
import type { GroupCoverage } from '../model/coverage.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import type { DeliveredBeside } from '../notify/deliver-beside.ts';
import { type Delivered, deliverFindings } from '../notify/deliver-findings.ts';
import { singlesMax, singlesPerSource } from '../notify/delivery-plan.ts';
import { saveApprovedDigests } from '../notify/report-approved.ts';
import { sideDeliveries } from '../notify/side-deliveries.ts';
import { expiredApprovals } from '../plan/approvals.ts';
import { lastScheduled, type SideDestination, sidesOf } from '../plan/runtime-config.ts';
import { PackTexts, planHash } from '../query/accepted-texts.ts';
import { recordWitness } from '../record/record-witness.ts';
import { reportQuarantined, saveOwnFinding } from '../record/save-own-finding.ts';
import {
  countedSlices,
  type TickContext,
  type TickShell,
  tickContext,
} from '../record/tick-context.ts';
import { refusalFindings } from '../scan/refusal-findings.ts';
import { RetreatBook } from './retreat-book.ts';
import { readLanes } from './run-lanes.ts';
import {
  afterScan,
  logCoverage,
  logSilence,
  readCoverage,
  type TickCoverage,
} from './tick-coverage.ts';
import { TickFailedError, type TickReport, tickReport } from './tick-report.ts';

/**
 * Loads the texts of the pack as earlier runs left them. What this run learns about them is first saved
 * as findings, then stored: a run that ends in between learns the same again.
 */
async function loadPackTexts(context: TickContext): Promise<PackTexts> {
  const { shell, table, tickEpochMs } = context;
  const { plan, config } = shell;
  const hash = planHash(plan);
  const before = await loadRefusedTexts(table, {
    hash,
    ids: plan.candidates.map(({ id }) => id),
  });
  let refusedSince = before?.refusedSince ?? new Map<string, number>();
  const logGroups = logTypes.map((logType) => logGroupName(config.mwaaEnvironment, logType));
  return new PackTexts(shell, plan, {
    nowEpochMs: tickEpochMs,
    before,
    onLearnt: async ({ known, triedEpochMs }, { window }) => {
      const sinceEpochMs = window.startEpochMs;
      refusedSince = new Map(
        known.refused.map(({ id }) => [id, refusedSince.get(id) ?? sinceEpochMs]),
      );
      const subject = {
        ...{ planHash: hash, detections: plan.detections, logGroups, sinceEpochMs },
        ...{ refusedSince, triedEpochMs, tickEpochMs },
      };
      for (const finding of refusalFindings(known, subject)) await saveOwnFinding(context, finding);
      await saveRefusedTexts(table, { planHash: hash, triedEpochMs, known, refusedSince });
    },
  });
}

/**
 * The deadlines of one run. A call that begins right at a deadline may still take
 * {@link callTimeoutMinMs}; the next deadline leaves enough time even then.
 */
export interface TickDeadlines {
  /** When the scan has to stop, so that there is time to publish. */
  readonly scanDeadline: Deadline;
  /** When the work on findings has to end, in the ledger and at SNS. */
  readonly deadline: Deadline;
  /** When the metrics have to be put, which report what was left undone. */
  readonly metricsDeadline: Deadline;
  /** When the lease has to be returned: the last call of a run. */
  readonly leaseDeadline: Deadline;
}

/**
 * Reserved for the runtime, so that it reports our error and not its own timeout: a call at the last
 * deadline takes {@link callTimeoutMinMs}, which leaves half a second.
 */
const exitReserveMs = callTimeoutMinMs + 500;
/** A put that begins at its deadline must leave time to return the lease. */
const leaseReserveMs = callTimeoutMinMs + 500;
/** Work that ends late must leave time to put the metrics, with one retry. */
const metricsReserveMs = callTimeoutMinMs + 2_000;
/** To stop queries and to notify people after the scan has stopped. */
const publishReserveMs = 10_000;
/** The shortest timeout that a stack has; in a shorter run, each reserve shrinks in proportion. */
const shortestRunMs = 60_000;

/** @param remainingMs until Lambda kills the run */
export function tickDeadlines(timer: Timer, remainingMs: number): TickDeadlines {
  const share = Math.min(1, remainingMs / shortestRunMs);
  const leaseMs = remainingMs - share * exitReserveMs;
  const metricsMs = leaseMs - share * leaseReserveMs;
  const workMs = metricsMs - share * metricsReserveMs;
  return {
    scanDeadline: deadlineIn(timer, workMs - share * publishReserveMs),
    deadline: deadlineIn(timer, workMs),
    metricsDeadline: deadlineIn(timer, metricsMs),
    leaseDeadline: deadlineIn(timer, leaseMs),
  };
}

/**
 * Runs one tick: judges coverage, reads in each lane what is due, stores the findings, notifies people of
 * them and publishes the monitor's own health. The caller holds the lease.
 *
 * @throws TickFailedError at the end, if a readable group was not read, a result made no sense, or
 *   findings or metrics could not be stored or published. A group that is missing or denied is blind:
 *   that is published, and is no failure
 */
export async function runTick(
  shell: TickShell,
  table: LedgerTable,
  state: MonitorState,
  tickEpochMs: number,
  { scanDeadline, deadline, metricsDeadline }: TickDeadlines,
): Promise<TickReport> {
  warnOfTick(shell, tickEpochMs);
  const known = await readCoverage(shell, tickEpochMs, state, scanDeadline);
  const context = tickContext({
    ...{ shell, table, tickEpochMs, scanDeadline, deadline },
    airflow: known.airflow,
  });
  const { tally } = context;
  const failures: Error[] = [];
  const failed = (what: string) => (cause: unknown) => {
    failures.push(new Error(what, { cause }));
    return undefined;
  };

  const tableUntil = (end: Deadline) => new LedgerTable(shell, shell.config.ledgerTableName, end);
  // Storing a flood must leave time to notify people of it.
  const scanTable = tableUntil(scanDeadline);
  // If this run is killed, later ones may need the answers. The other fields are saved at the end.
  await saveMonitorState(scanTable, { ...state, ...known.remembered }).catch(
    failed('the answers of the services cannot be stored'),
  );
  const delivered = new DeliveredSoFar();
  const deliver = async (isLookingBack: boolean, until: Deadline) => {
    const besides = sideDeliveries(shell);
    const toPeople =
      besides.length > 0 ? deadlineIn(shell.timer, until.remainingMs() * shareOfPeople) : until;
    const limits = { singlesMax: delivered.singlesLeft, deadline: toPeople };
    const result = await deliverFindings(context, isLookingBack, limits).catch(
      failed('the pending findings cannot be read'),
    );
    delivered.add(result);
    failures.push(...(result?.failures ?? []));
    for (const [at, { side, deliver: deliverTo }] of besides.entries()) {
      // Each destination has its share: one that is slow leaves time to the next.
      const share = deadlineIn(shell.timer, until.remainingMs() / (besides.length - at));
      const beside = await deliverTo(context, share).catch(
        failed(`the findings for the ${side} cannot be read`),
      );
      delivered.addBeside(side, beside);
      failures.push(...(beside?.failures ?? []));
    }
  };
  // Has the whole deadline: it also stores what was not read in time.
  const retreats = await RetreatBook.load(table, shell.log);
  const care = {
    retreats,
    afterDocumented: (lagSeconds: number | undefined) => putDocumented(context, lagSeconds),
    openTexts: () => loadPackTexts(context),
    // The risky reading that follows needs time as well.
    beforeRisk: (isLookingBack: boolean) =>
      deliver(isLookingBack, deadlineIn(shell.timer, scanDeadline.remainingMs() / 2)),
  };
  const lanes = await readLanes({ ...context, table: scanTable }, known, state, care);
  failures.push(...lanes.failures);
  const coverage = afterScan(known, lanes.outcomes);
  logCoverage(shell, coverage);
  // However slow the ledger is, half of the time remains to notify people.
  const halfTime = deadlineIn(shell.timer, deadline.remainingMs() / 2);
  const beforeNotifying = { ...context, table: tableUntil(halfTime) };
  const saved = await saveState(beforeNotifying, state, coverage, known).catch(
    failed('the state of the coverage cannot be stored'),
  );
  if (saved !== undefined) {
    await listApproved(beforeNotifying, saved).catch(
      failed('the approved changes cannot be listed'),
    );
  }
  const groupsOff = coverage.filter(({ off, scan }) => off !== undefined && !scan);
  const witness = await recordWitness(
    beforeNotifying,
    new Set(groupsOff.map(({ logGroup }) => logGroup)),
  ).catch(failed('what the second witness saw cannot be joined'));
  await reportQuarantined(beforeNotifying).catch(
    failed('the items in quarantine cannot be reported'),
  );
  await deliver(lanes.isLookingBack, deadline);
  // Has a deadline of its own: the metrics report what was not done in time.
  const totals = await countedSlices(
    { ...context, table: tableUntil(metricsDeadline) },
    tickEpochMs,
  )
    .then((records) => tickTotals(tickEpochMs, records))
    .catch(failed('the slices of the tick cannot be read'));
  const health: TickHealth = {
    ...{ tickEpochMs, coverage },
    // Failed notifications do not count here: UndeliveredFindings reports them.
    scanCompleted: lanes.failures.length === 0 && lanes.readableGroups > 0,
    documentedLagSeconds: lanes.documentedLagSeconds,
    scanLagSeconds: lanes.scanLagSeconds,
    lateLagMaxSeconds: tally.lagMaxMs === undefined ? undefined : tally.lagMaxMs / 1000,
    undeliveredFindings: delivered.total?.undelivered,
    scanDoubt: tally.doubts,
    detectionsRefused: lanes.detectionsRefused,
    witnessBlind: witness && (witness.blind === undefined ? 0 : 1),
    bytesScanned: (totals?.bytesScanned ?? 0) + tally.bytesUncounted,
    dailyBytesScanned: totalOfDay(
      [...lanes.bytesOfMarks, ...bytesWithoutSlice(state, context)],
      tickEpochMs,
    ),
  };
  await putMetrics(shell, healthData(shell.config.mwaaEnvironment, health), metricsDeadline).catch(
    failed('PutMetricData failed'),
  );
  const sent = sidesOf(shell.config).map((side) => [side, delivered.beside.get(side) ?? 0]);
  return conclude(
    shell,
    tickReport(shell.config, {
      health,
      totals,
      sentBeside: Object.fromEntries(sent),
      delivered: delivered.total,
      slices: tally.slices,
    }),
    failures,
  );
}

/** Of the time to deliver findings, if there are other destinations: they share the rest. */
const shareOfPeople = 2 / 3;
/** A put that fails here is repeated at the end of the tick. */
const documentedPutMaxMs = 5_000;

/** Publishes the lag of the documented query; best effort. */
async function putDocumented(
  { shell, tickEpochMs, scanDeadline, tally }: TickContext,
  documentedLagSeconds: number | undefined,
): Promise<void> {
  const timeMs = Math.min(documentedPutMaxMs, scanDeadline.remainingMs() / 4);
  const data = documentedData(shell.config.mwaaEnvironment, {
    ...{ tickEpochMs, documentedLagSeconds },
    doubts: tally.doubts,
  });
  await putMetrics(shell, data, deadlineIn(shell.timer, timeMs)).catch((error) => {
    shell.log('warn', 'metrics-not-put', { error: describeError(error) });
  });
}

function warnOfTick(shell: TickShell, tickEpochMs: number): void {
  const { everyMinutes, offsetMinutes = 0 } = shell.config;
  shell.log('info', 'tick-started');
  if (lastScheduled(tickEpochMs, shell.config) !== tickEpochMs) {
    // A hand-made event, or one from before the schedule was changed; it reads what is due, like any
    // other.
    shell.log('warn', 'tick-off-schedule', { everyMinutes, offsetMinutes });
  }
  const expired = expiredApprovals(shell.plan.approvedChanges, tickEpochMs);
  if (expired.length > 0) {
    // Synth warns of them as well, but the stack may not be synthesized for a long time.
    const approvals = expired.map(({ dag, expires, owner }) => ({ dag, expires, owner }));
    shell.log('warn', 'approvals-expired', { approvals });
  }
}

/** Saves the findings about changed coverage before the state: reported twice is better than never. */
async function saveState(
  context: TickContext,
  before: MonitorState,
  coverage: readonly GroupCoverage[],
  { remembered, existing, history }: TickCoverage,
): Promise<MonitorState> {
  const { tickEpochMs, table } = context;
  const { groups, finding } = coverageChange(before.groups, coverage, tickEpochMs);
  const surroundings = { groups: coverage, existing, tickEpochMs };
  const silence = silenceChange(before.silence, history, surroundings);
  if (silence.judged !== undefined) logSilence(context.shell, silence.judged);
  for (const own of [...(finding ? [finding] : []), ...silence.findings]) {
    await saveOwnFinding(context, own);
  }
  // A tick slightly ahead of the clock must not make the coming ticks look old.
  const doneEpochMs = Math.min(tickEpochMs, context.shell.clock.nowEpochMs());
  const lastTickEpochMs = Math.max(before.lastTickEpochMs ?? 0, doneEpochMs);
  const { silencedThroughEpochMs } = before;
  const [withoutSlice] = bytesWithoutSlice(before, context);
  const state = {
    ...remembered,
    ...{ silence: silence.state, silencedThroughEpochMs, lastTickEpochMs, groups },
    ...(withoutSlice && { bytesWithoutSlice: withoutSlice }),
  };
  await saveMonitorState(table, state);
  return state;
}

/** What the state says after this run: one at most. */
function bytesWithoutSlice(
  { bytesWithoutSlice: before }: MonitorState,
  { tally, tickEpochMs }: TickContext,
): DayBytes[] {
  const now = tally.bytesUncounted;
  if (now > 0) return [addedToDay(before, tickEpochMs, now)];
  return before === undefined ? [] : [before];
}

/**
 * After midnight UTC, saves the digests of the changes that were approved on the days before. Ticks
 * before `lastTickEpochMs` never run again, so nothing can be added to these days.
 */
async function listApproved(context: TickContext, state: MonitorState): Promise<void> {
  const { lastTickEpochMs = 0, silencedThroughEpochMs = 0 } = state;
  const toEpochMs = startOfDay(lastTickEpochMs);
  if (toEpochMs <= silencedThroughEpochMs) return;
  await saveApprovedDigests(context, { fromEpochMs: silencedThroughEpochMs, toEpochMs });
  await saveMonitorState(context.table, { ...state, silencedThroughEpochMs: toEpochMs });
}

function conclude(shell: TickShell, report: TickReport, failures: readonly Error[]): TickReport {
  if (failures.length > 0) {
    shell.log('error', 'tick-failed', { ...report, errors: describeErrors(failures) });
    throw new TickFailedError(report, failures);
  }
  shell.log('info', 'tick-finished', { ...report });
  return report;
}

/** The sum of several deliveries in one tick. */
class DeliveredSoFar {
  total: Delivered | undefined;
  /** Findings that each other destination took. */
  readonly beside = new Map<SideDestination, number>();
  #singles = 0;

  /**
   * How many single findings the next delivery may notify of: what is left of the tick's maximum, but at
   * least one source's share, since the log group that is read last may hold the worst finding.
   */
  get singlesLeft(): number {
    return Math.max(singlesPerSource, singlesMax - this.#singles);
  }

  /** @param result undefined when the findings that wait there could not be read */
  addBeside(side: SideDestination, result: DeliveredBeside | undefined): void {
    this.beside.set(side, (this.beside.get(side) ?? 0) + (result?.sent ?? 0));
    this.total =
      this.total && result
        ? { ...this.total, undelivered: this.total.undelivered + result.undelivered }
        : undefined;
  }

  /** @param result undefined when the pending findings could not be read */
  add(result: Delivered | undefined): void {
    this.#singles += result?.singles ?? 0;
    const before = this.total;
    this.total = result && {
      ...result,
      notified: result.notified + (before?.notified ?? 0),
      unknownPublishes: result.unknownPublishes + (before?.unknownPublishes ?? 0),
    };
  }
}
