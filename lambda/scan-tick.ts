import { expiredApprovals } from './approvals.ts';
import { countedSlices } from './counted-slices.ts';
import type { GroupCoverage } from './coverage.ts';
import { coverageChange } from './coverage-change.ts';
import { type Delivered, deliverFindings } from './deliver-findings.ts';
import { singlesMax, singlesPerSource } from './delivery-plan.ts';
import { LedgerTable } from './ledger/ledger-table.ts';
import { type MonitorState, saveMonitorState } from './ledger/monitor-state.ts';
import { describeError, describeErrors } from './log.ts';
import { documentedData, healthData, type TickHealth } from './metrics.ts';
import { putMetrics } from './put-metrics.ts';
import { readLanes } from './read-lanes.ts';
import { RetreatBook } from './retreat-book.ts';
import { silenceChange } from './silence-change.ts';
import { saveApprovedDigests } from './tell-approved.ts';
import { reportQuarantined, saveOwnFinding } from './tell-own.ts';
import {
  afterScan,
  logCoverage,
  logSilence,
  readCoverage,
  type TickCoverage,
} from './tick-coverage.ts';
import type { TickDeadlines } from './tick-deadlines.ts';
import { TickFailedError, type TickReport, tickReport } from './tick-report.ts';
import { type TickContext, type TickShell, tickContext } from './tick-shell.ts';
import { loadPackTexts } from './tick-texts.ts';
import { tickTotals } from './tick-totals.ts';
import { type Deadline, deadlineIn, minuteMs, startOfDay } from './time.ts';

/**
 * Does the work of one tick: judges coverage, reads what is behind in each lane, keeps the findings,
 * tells people of them, and says how the monitor itself is. Whoever calls holds the lease.
 *
 * @throws TickFailedError at the end, when a group that should be read was not, a result made no
 *   sense, or findings or metrics could not be kept or published; a group that is missing or denied is
 *   blind, which is published and no failure
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
  // What is kept of a flood must leave the time to tell people of it.
  const scanTable = tableUntil(scanDeadline);
  // If this run is killed, the next ones may need the answers. All else in the state says what was done.
  await saveMonitorState(scanTable, { ...state, ...known.remembered }).catch(
    failed('what the services answered cannot be kept'),
  );
  const delivered = new DeliveredSoFar();
  const deliver = async (isLookingBack: boolean, until: Deadline) => {
    const limits = { singlesMax: delivered.singlesLeft, deadline: until };
    const result = await deliverFindings(context, isLookingBack, limits).catch(
      failed('the findings that wait cannot be read'),
    );
    delivered.add(result);
    failures.push(...(result?.failures ?? []));
  };
  // With the whole deadline: what was not read in time is stored after that.
  const retreats = await RetreatBook.load(table, shell.log);
  const care = {
    retreats,
    afterDocumented: (lagSeconds: number | undefined) => putDocumented(context, lagSeconds),
    openTexts: () => loadPackTexts(context),
    // The reading that it comes before needs time as well.
    beforeRisk: (isLookingBack: boolean) =>
      deliver(isLookingBack, deadlineIn(shell.timer, scanDeadline.remainingMs() / 2)),
  };
  const lanes = await readLanes({ ...context, table: scanTable }, known, state, care);
  failures.push(...lanes.failures);
  const coverage = afterScan(known, lanes.outcomes);
  logCoverage(shell, coverage);
  // However slow the ledger is, half of the time is for telling people.
  const halfTime = deadlineIn(shell.timer, deadline.remainingMs() / 2);
  const beforeNotifying = { ...context, table: tableUntil(halfTime) };
  const kept = await saveState(beforeNotifying, state, coverage, known).catch(
    failed('what is known of the coverage cannot be kept'),
  );
  if (kept !== undefined) {
    await listApproved(beforeNotifying, kept).catch(failed('what was approved cannot be listed'));
  }
  await reportQuarantined(beforeNotifying).catch(
    failed('the items in quarantine cannot be reported'),
  );
  await deliver(lanes.isLookingBack, deadline);
  // What was not done in time must not keep anybody from knowing it.
  const totals = await countedSlices(
    { ...context, table: tableUntil(metricsDeadline) },
    tickEpochMs,
  )
    .then((records) => tickTotals(tickEpochMs, records))
    .catch(failed('the slices of the tick cannot be read'));
  const health: TickHealth = {
    ...{ tickEpochMs, coverage },
    // That people could not be told is said by UndeliveredFindings.
    scanCompleted: lanes.failures.length === 0 && lanes.readableGroups > 0,
    documentedLagSeconds: lanes.documentedLagSeconds,
    scanLagSeconds: lanes.scanLagSeconds,
    lateLagMaxSeconds: tally.lagMaxMs === undefined ? undefined : tally.lagMaxMs / 1000,
    undeliveredFindings: delivered.total?.undelivered,
    scanDoubt: tally.doubts,
    detectionsRefused: lanes.detectionsRefused,
    bytesScanned: (totals?.bytesScanned ?? 0) + tally.bytesUncounted,
  };
  await putMetrics(shell, healthData(shell.config.mwaaEnvironment, health), metricsDeadline).catch(
    failed('PutMetricData failed'),
  );
  return conclude(
    shell,
    tickReport(shell.config, { health, totals, delivered: delivered.total, slices: tally.slices }),
    failures,
  );
}

/** Everything that this loses is put once more at the end of a tick that comes to its end. */
const documentedPutMaxMs = 5_000;

/** Puts how far the documented query is; best effort. */
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
  const { everyMinutes } = shell.config;
  shell.log('info', 'tick-started');
  if (tickEpochMs % (everyMinutes * minuteMs) !== 0) {
    // Only a hand-made event can do that; it reads what is behind, like any other.
    shell.log('warn', 'tick-off-schedule', { everyMinutes });
  }
  const expired = expiredApprovals(shell.plan.approvedChanges, tickEpochMs);
  if (expired.length > 0) {
    // The stack may not be synthesized for long, which is when else they are told.
    const approvals = expired.map(({ dag, expires, owner }) => ({ dag, expires, owner }));
    shell.log('warn', 'approvals-expired', { approvals });
  }
}

/** What changed is kept as a finding first: told twice is better than never. */
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
  // A tick that is a little ahead of the clock takes none of those away that are still to come.
  const doneEpochMs = Math.min(tickEpochMs, context.shell.clock.nowEpochMs());
  const lastTickEpochMs = Math.max(before.lastTickEpochMs ?? 0, doneEpochMs);
  const { silencedThroughEpochMs } = before;
  const state = {
    ...remembered,
    ...{ silence: silence.state, silencedThroughEpochMs, lastTickEpochMs, groups },
  };
  await saveMonitorState(table, state);
  return state;
}

/**
 * After midnight UTC, lists what was approved on the days before. Ticks before `lastTickEpochMs`
 * are not worked on any more, so that nothing can be added to these days.
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

/** What several deliveries of one tick have done. */
class DeliveredSoFar {
  total: Delivered | undefined;
  #singles = 0;

  /**
   * Of the tick's notifications of single findings, those that are left for the next delivery; at least
   * what a log group has in any case, since one that is read last may hold the worst.
   */
  get singlesLeft(): number {
    return Math.max(singlesPerSource, singlesMax - this.#singles);
  }

  /** @param result undefined when the findings that wait could not be read */
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
