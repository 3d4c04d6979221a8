import { returnLease, takeLease, wasLeftBehind } from './ledger/lease.ts';
import { LedgerTable } from './ledger/ledger-table.ts';
import { openMonitorState } from './ledger/monitor-state.ts';
import { createLog, describeError } from './log.ts';
import { runTick } from './scan-tick.ts';
import { tickOfEvent } from './scheduled-event.ts';
import { type TickDeadlines, tickDeadlines } from './tick-deadlines.ts';
import { type SkippedTick, TickFailedError, type TickReport } from './tick-report.ts';
import type { TickShell } from './tick-shell.ts';
import { type Clock, deadlineIn, latestPlausibleEpochMs } from './time.ts';

/** All that one container's invocations share. */
export interface Monitor extends Omit<TickShell, 'log'> {
  readonly clock: Clock;
  readonly writeLine: (line: string) => void;
}

type TickHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<TickReport | SkippedTick>;

/** Beyond the last call of a run: for its exit, and for clocks that differ a little between machines. */
const leaseReserveMs = 6_000;
/** How long to wait for another invocation to end, and how often to look. */
const leaseWaitMs = 20_000;
const leaseLookMs = 1_000;

/**
 * The Lambda's handler: one scheduled event in, one tick's work done.
 *
 * @param loadMonitor called at the first invocation, once a container unless it fails
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

/** Does the work of a tick unless another invocation is at it, or a later tick was done. */
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
    // Before it began to read, that run stored how this one is to read the same: see RetreatBook.
    if (lease === 'left-behind') log('warn', 'run-before-was-killed');
    return await runTick(shell, table, state, tickEpochMs, deadlines);
  } catch (error) {
    // What the tick itself could not do it has logged already.
    if (!(error instanceof TickFailedError)) {
      log('error', 'tick-failed', { errors: [describeError(error)] });
    }
    throw error;
  } finally {
    const last = new LedgerTable(shell, config.ledgerTableName, deadlines.leaseDeadline);
    await returnLease(last, holder).catch((error) => {
      // It ends by itself.
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
