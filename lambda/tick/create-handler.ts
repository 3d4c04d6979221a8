import { createLog, describeError } from '../common/log.ts';
import { type Clock, deadlineIn, latestPlausibleEpochMs } from '../common/time.ts';
import { returnLease, takeLease, wasLeftBehind } from '../ledger/lease.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { openMonitorState } from '../ledger/monitor-state.ts';
import type { TickShell } from '../record/tick-shell.ts';
import { runTick } from './scan-tick.ts';
import { tickOfEvent } from './scheduled-event.ts';
import { type TickDeadlines, tickDeadlines } from './tick-deadlines.ts';
import { type SkippedTick, TickFailedError, type TickReport } from './tick-report.ts';

/** What all invocations of one container share. */
export interface Monitor extends Omit<TickShell, 'log'> {
  readonly clock: Clock;
  readonly writeLine: (line: string) => void;
}

type TickHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<TickReport | SkippedTick>;

/** After the last call of a run: for its exit, and for clocks that differ between machines. */
const leaseReserveMs = 6_000;
/** How long to wait for another invocation to end, and how often to look. */
const leaseWaitMs = 20_000;
const leaseLookMs = 1_000;

/**
 * Creates the Lambda's handler: each scheduled event runs one tick.
 *
 * @param loadMonitor called at the first invocation of a container, and again only if it failed
 */
export function createHandler(loadMonitor: () => Promise<Monitor>): TickHandler {
  let monitor: Monitor | undefined;
  return async (event, context) => {
    monitor ??= await loadMonitor();
    const { clock, config, timer, writeLine } = monitor;
    const remainingMs = context.getRemainingTimeInMillis();

    const about = { environment: config.mwaaEnvironment };
    let tickEpochMs: number;
    try {
      tickEpochMs = tickOfEvent(event, clock.nowEpochMs());
    } catch (error) {
      createLog(writeLine, clock, about)('error', 'event-refused', { error: describeError(error) });
      throw error;
    }
    const tick = new Date(tickEpochMs).toISOString();
    const log = createLog(writeLine, clock, { ...about, tick });
    return underLease({ ...monitor, log }, tickEpochMs, tickDeadlines(timer, remainingMs));
  };
}

/** Runs the tick, unless another invocation holds the lease or a later tick has already run. */
async function underLease(
  shell: TickShell,
  tickEpochMs: number,
  deadlines: TickDeadlines,
): Promise<TickReport | SkippedTick> {
  const { config, log } = shell;
  const table = new LedgerTable(shell, config.ledgerTableName, deadlines.deadline);
  const tick = new Date(tickEpochMs).toISOString();
  const skipped = (why: SkippedTick['skipped']): SkippedTick => {
    log('info', 'tick-skipped', { why });
    return { environment: config.mwaaEnvironment, tick, skipped: why };
  };
  const holder = shell.newId();
  try {
    const lease = await waitForLease(shell, table, holder, deadlines);
    if (lease === 'held') return skipped('busy');
    const state = await openMonitorState(table, latestPlausibleEpochMs(shell.clock));
    if (tickEpochMs < (state.lastTickEpochMs ?? 0)) return skipped('old-tick');
    // Before it read, that run stored how carefully this one has to read: see RetreatBook.
    if (lease === 'left-behind') log('warn', 'run-before-was-killed');
    return await runTick(shell, table, state, tickEpochMs, deadlines);
  } catch (error) {
    // The tick has already logged its own failures.
    if (!(error instanceof TickFailedError)) {
      log('error', 'tick-failed', { errors: [describeError(error)] });
    }
    throw error;
  } finally {
    const last = new LedgerTable(shell, config.ledgerTableName, deadlines.leaseDeadline);
    await returnLease(last, holder).catch((error) => {
      // The lease expires by itself.
      log('warn', 'lease-not-returned', { error: describeError(error) });
    });
  }
}

async function waitForLease(
  { clock, timer }: TickShell,
  table: LedgerTable,
  holder: string,
  { scanDeadline, leaseDeadline }: TickDeadlines,
): Promise<'taken' | 'left-behind' | 'held'> {
  const patience = deadlineIn(timer, Math.min(leaseWaitMs, scanDeadline.remainingMs() / 2));
  for (;;) {
    const nowEpochMs = clock.nowEpochMs();
    const untilEpochMs = nowEpochMs + leaseDeadline.remainingMs() + leaseReserveMs;
    const isLeftBehind = await wasLeftBehind(table, nowEpochMs);
    if (await takeLease(table, holder, { nowEpochMs, untilEpochMs })) {
      return isLeftBehind ? 'left-behind' : 'taken';
    }
    if (patience.remainingMs() === 0) return 'held';
    await timer.sleep(Math.min(leaseLookMs, patience.remainingMs()));
  }
}
