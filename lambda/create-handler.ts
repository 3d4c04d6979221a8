import { createLog, describeError } from './log.ts';
import { scanTick, type TickShell } from './scan-tick.ts';
import { tickOfEvent } from './scheduled-event.ts';
import type { TickReport } from './tick-report.ts';
import { type Clock, deadlineIn } from './time.ts';

/** All that one container's invocations share. */
export interface Monitor extends Omit<TickShell, 'log'> {
  readonly clock: Clock;
  readonly writeLine: (line: string) => void;
}

type TickHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<TickReport>;

/** Time kept for stopping queries and publishing, after the scan has given up. */
const publishReserveMaxMs = 10_000;
/** Time kept for the runtime, so that it reports an error of ours and not its own time-out. */
const exitReserveMs = 500;

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
    const publishReserveMs = Math.min(publishReserveMaxMs, remainingMs / 4);

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
    return scanTick(
      { ...monitor, log },
      tickEpochMs,
      deadlineIn(timer, remainingMs - publishReserveMs - exitReserveMs),
      deadlineIn(timer, remainingMs - exitReserveMs),
    );
  };
}
