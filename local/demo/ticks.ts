import { SessionError } from './session.ts';

const minuteMs = 60_000;

/** A fortnight at a tick a minute; more is a stray time stamp, or a job for `replay`. */
export const ticksMax = 20_000;

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
 *
 * @throws SessionError when these are more than {@link ticksMax}, or begin before 1970
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
  const firstWindowStart = first - settleMs - periodMs;
  const count = (last - first) / periodMs + 1;
  if (count > ticksMax || firstWindowStart < 0) {
    const { everyMinutes } = schedule;
    throw new SessionError(
      `the logs reach from ${shown(session.firstEventEpochMs)} to ${shown(session.lastEventEpochMs)}: ` +
        `${count} ticks of ${everyMinutes} min, where at most ${ticksMax} can be run, from 1970 on; ` +
        'look for a stray time stamp, or take a longer --every or the command replay',
    );
  }
  const ticks: number[] = [];
  for (let tick = first; tick <= last; tick += periodMs) ticks.push(tick);
  return { ticks, firstWindowStart };
}

function shown(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
