import { minuteMs } from '../../../lambda/common/time.ts';
import { type Lane, lanes } from '../../../lambda/model/windows.ts';
import { laneTarget, type RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { SessionError } from './session.ts';

/** Two weeks of one tick per minute; more indicates a stray timestamp, or a job for `replay`. */
const ticksMax = 20_000;

/** The ticks of a recorded session, all times in epoch milliseconds. */
export interface TickPlan {
  readonly ticks: readonly number[];
  /** The ticks without an invocation. */
  readonly missed: ReadonlySet<number>;
  /** Start of the first tick's window; nothing before it is read. */
  readonly firstWindowStart: number;
}

/** Changes to the schedule of a demo. */
interface TickDisturbance {
  /** Minutes in the middle of the session without invocations. @default 0 */
  readonly outageMinutes?: number;
  /** Continue until the sweeps have read the last event, too. @default false */
  readonly untilSwept?: boolean;
}

type Schedule = Pick<
  RuntimeConfig,
  'everyMinutes' | 'settleMinutes' | 'correlateSeconds' | 'nearSweep' | 'farSweep'
>;

interface Session {
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
}

/**
 * The ticks in which the scan reads every event of a session once: from the tick after the first
 * event to the tick whose scan ends after the last event and its correlation time.
 *
 * @throws SessionError when there are more than {@link ticksMax} ticks, when they start before
 *   1970, or when there are too few for the outage
 */
export function planTicks(
  session: Session,
  schedule: Schedule,
  { outageMinutes = 0, untilSwept = false }: TickDisturbance = {},
): TickPlan {
  const periodMs = schedule.everyMinutes * minuteMs;
  const settleMs = schedule.settleMinutes * minuteMs;
  const tickAfter = (epochMs: number) => (Math.floor(epochMs / periodMs) + 1) * periodMs;

  const first = tickAfter(session.firstEventEpochMs);
  let last = tickAfter(session.lastEventEpochMs + settleMs + schedule.correlateSeconds * 1000);
  const isSwept = (tick: number) =>
    lanes.every((lane) => laneTarget(lane, tick, schedule) > session.lastEventEpochMs);
  while (untilSwept && !isSwept(last)) last += periodMs;
  const firstWindowStart = first - settleMs - periodMs;
  const count = (last - first) / periodMs + 1;
  if (count > ticksMax || firstWindowStart < 0) {
    const { everyMinutes } = schedule;
    throw new SessionError(
      `the logs range from ${shown(session.firstEventEpochMs)} to ${shown(session.lastEventEpochMs)}: ` +
        `${count} ticks of ${everyMinutes} min, but at most ${ticksMax} can run, from 1970 on; ` +
        'look for a stray timestamp, or use a longer --every or the command replay',
    );
  }
  const ticks: number[] = [];
  for (let tick = first; tick <= last; tick += periodMs) ticks.push(tick);
  const withEvents = ticks.filter((tick) => tick <= tickAfter(session.lastEventEpochMs));
  return { ticks, missed: middleOf(withEvents, outageMinutes, periodMs), firstWindowStart };
}

/** The monitor must run before and after the outage; otherwise it has nothing to catch up with. */
function middleOf(ticks: readonly number[], minutes: number, periodMs: number): Set<number> {
  const count = Math.ceil((minutes * minuteMs) / periodMs);
  const start = Math.floor((ticks.length - count) / 2);
  if (count > 0 && start < 1) {
    throw new SessionError(
      `an outage of ${minutes} min takes ${count} of the session's ${ticks.length} ticks: at least one must run before it and one after it`,
    );
  }
  return new Set(ticks.slice(start, start + count));
}

/**
 * The tick in which a lane reads a time: the first tick that is not missed and whose target is
 * after it.
 *
 * @returns undefined when no tick reads it
 */
export function readingTick(
  lane: Lane,
  epochMs: number,
  { ticks, missed }: Pick<TickPlan, 'ticks' | 'missed'>,
  schedule: Schedule,
): number | undefined {
  return ticks.find((tick) => !missed.has(tick) && laneTarget(lane, tick, schedule) > epochMs);
}

function shown(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
