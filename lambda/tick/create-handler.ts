import * as z from 'zod/mini';
import { createLog, describeError } from '../common/log.ts';
import { InvalidInputError, parseInput } from '../common/parse-input.ts';
import {
  type Clock,
  deadlineIn,
  latestPlausibleEpochMs,
  minuteMs,
  secondMs,
} from '../common/time.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import {
  openMonitorState,
  returnLease,
  takeLease,
  wasLeftBehind,
} from '../ledger/monitor-state.ts';
import type { TickShell } from '../record/tick-context.ts';
import { runTick, type TickDeadlines, tickDeadlines } from './run-tick.ts';
import { type SkippedTick, TickFailedError, type TickReport } from './tick-report.ts';

/**
 * The event that an EventBridge scheduled rule sends: the fields that are read.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
 */
const scheduledEventSchema = z.object({
  source: z.literal('aws.events'),
  'detail-type': z.literal('Scheduled Event'),
  /** ISO 8601 in UTC, whole seconds: `2026-03-01T09:00:00Z`. */
  time: z.iso.datetime(),
});

/** A tick further ahead than this comes from a wrong clock or a forged event. */
const tickAheadMaxMinutes = 5;

/**
 * The tick of an event: its time floored to the minute, in epoch milliseconds.
 *
 * EventBridge delivers at least once and some seconds late, and Lambda retries: each delivery of
 * one schedule point gives the same tick.
 *
 * @throws InvalidInputError when the event is not a scheduled event, or its tick is in the future
 */
export function tickOfEvent(event: unknown, nowEpochMs: number): number {
  const { time } = parseInput(scheduledEventSchema, event, 'scheduled event');
  const tickEpochMs = Math.floor(Date.parse(time) / minuteMs) * minuteMs;
  if (tickEpochMs > nowEpochMs + tickAheadMaxMinutes * minuteMs) {
    throw new InvalidInputError(
      `scheduled event: field "time": must be at most ${tickAheadMaxMinutes} minutes ahead of ` +
        `the clock, which shows ${new Date(nowEpochMs).toISOString()}, got "${time}"`,
    );
  }
  return tickEpochMs;
}

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
    await timer.sleep((config.delaySeconds ?? 0) * secondMs);
    const remainingMs = context.getRemainingTimeInMillis();
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
