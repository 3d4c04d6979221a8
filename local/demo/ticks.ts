const minuteMs = 60_000;

/** How a recorded session is cut into ticks, all in epoch milliseconds. */
export interface TickPlan {
  readonly ticks: readonly number[];
  /** Start of the first tick's window: before it nothing is read. */
  readonly firstWindowStart: number;
}

/**
 * The ticks whose windows `[tick - settle - period, tick - settle)` together hold every event of a
 * session: from the tick after the first event until the one whose window ends after the last, and after
 * what the last one may have waited for.
 */
export function planTicks(
  session: { readonly firstEventEpochMs: number; readonly lastEventEpochMs: number },
  schedule: {
    readonly everyMinutes: number;
    readonly settleMinutes: number;
    readonly correlateSeconds: number;
  },
): TickPlan {
  const periodMs = schedule.everyMinutes * minuteMs;
  const settleMs = schedule.settleMinutes * minuteMs;
  const tickAfter = (epochMs: number) => (Math.floor(epochMs / periodMs) + 1) * periodMs;

  const first = tickAfter(session.firstEventEpochMs);
  const last = tickAfter(session.lastEventEpochMs + settleMs + schedule.correlateSeconds * 1000);
  const ticks: number[] = [];
  for (let tick = first; tick <= last; tick += periodMs) ticks.push(tick);
  return { ticks, firstWindowStart: first - settleMs - periodMs };
}
