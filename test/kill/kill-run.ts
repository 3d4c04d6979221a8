import { secondMs } from '../../lambda/common/time.ts';
import type { LambdaProcess } from '../../local/demo/run/lambda-process.ts';
import type { EndTimeReading } from '../../local/insights-engine/engine-types.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import { attempt, type Moment, type Outcome } from './attempt.ts';
import type { RunResult } from './compare-runs.ts';
import { openWorld, type Stage } from './kill-world.ts';
import type { Told } from './published.ts';

/** Longer than an invocation's lease outlives its time limit. */
const leaseReserveMs = 6 * secondMs;
/** Longer than a claim to publish outlives its invocation. */
const claimReserveMs = 40 * secondMs;
/** Invocations after the last tick, by which the claims of killed invocations expire. */
const lastInvocations = 3;
/** Lambda gives up an event after some attempts; then the next tick must catch up. */
const giveUpProbability = 0.2;
/**
 * After this many kills in a row the next invocation is left alone. Each kill halves the slice of the
 * next one, and after eleven a second is given up and reported as a flood: right, but tested elsewhere.
 */
const killsInARowMax = 8;

/** The work of an undisturbed tick. */
export interface UsualWork {
  readonly requests: number;
  readonly durationMs: number;
}

export interface KillRun extends RunResult {
  readonly kills: number;
  readonly killedBy: ReadonlyMap<string, number>;
  readonly lostAnswers: number;
  readonly invocations: number;
  /** The work of each tick that finished at its first attempt. */
  readonly usual: ReadonlyMap<number, UsualWork>;
  /** Errors thrown by invocations that were not killed. */
  readonly errors: readonly string[];
}

/** What differs between two runs. */
export interface KillChance {
  readonly random: SeededRandom;
  readonly endTime: EndTimeReading;
}

/** When to kill: at most `killsMax` times, anywhere within the usual work of a tick. */
export interface KillPlan {
  readonly killsMax: number;
  readonly usual: ReadonlyMap<number, UsualWork>;
  readonly onKill?: () => void;
}

/**
 * Runs the monitor over all ticks of a session. With a plan, each invocation is killed at some moment
 * of its work, unless it finishes first. Then Lambda retries the same tick, or the next one comes.
 *
 * Time passes between two invocations as in production: a killed one holds its lease until Lambda
 * would have ended it.
 */
export async function killRun(
  stage: Stage,
  { random, endTime }: KillChance,
  kill?: KillPlan,
): Promise<KillRun> {
  const { plan, monitor } = stage;
  const world = await openWorld(stage, endTime, () => {});
  const unknownPublishes: Told[] = [];
  const killedBy = new Map<string, number>();
  const errors: string[] = [];
  const usual = new Map<number, UsualWork>();
  let [kills, killsInARow, lostAnswers, invocations] = [0, 0, 0, 0];
  let lambda: LambdaProcess | undefined;
  try {
    for (const tickEpochMs of plan.ticks) await tick(tickEpochMs);
    const last = plan.ticks.at(-1) ?? 0;
    for (let extra = 0; extra < lastInvocations; extra++) {
      wait(monitor.timeoutSeconds * secondMs + claimReserveMs);
      await invoke(last);
    }
    return {
      told: world.told(),
      sums: world.sums(),
      counted: await world.counted(),
      ...{ kills, killedBy, unknownPublishes, lostAnswers, invocations, usual, errors },
    };
  } finally {
    await lambda?.close();
    await world.close();
  }

  async function tick(tickEpochMs: number): Promise<void> {
    world.clock.set(Math.max(world.clock.nowEpochMs(), tickEpochMs));
    for (;;) {
      const outcome = await invoke(tickEpochMs, momentIn(tickEpochMs));
      if (outcome.kind !== 'killed' || random.chance(giveUpProbability)) return;
    }
  }

  async function invoke(tickEpochMs: number, moment?: Moment): Promise<Outcome> {
    lambda ??= await world.startLambda();
    const nowEpochMs = world.clock.nowEpochMs();
    const outcome = await attempt(world, lambda, { tickEpochMs, nowEpochMs }, moment);
    invocations += 1;
    if (outcome.kind !== 'killed') killsInARow = 0;
    if (outcome.kind === 'killed') {
      lambda = undefined;
      unknownPublishes.push(...outcome.unknownPublishes);
      lostAnswers += outcome.lostAnswers;
      kills += 1;
      killsInARow += 1;
      const by = moment === undefined ? 'nothing' : nameOf(moment);
      killedBy.set(by, (killedBy.get(by) ?? 0) + 1);
      wait(monitor.timeoutSeconds * secondMs + leaseReserveMs + random.int(0, 60) * secondMs);
      kill?.onKill?.();
    } else if (outcome.kind === 'failed') {
      errors.push(outcome.error);
    } else {
      const { requests, durationMs } = outcome;
      if (!usual.has(tickEpochMs)) usual.set(tickEpochMs, { requests, durationMs });
    }
    return outcome;
  }

  function wait(ms: number): void {
    world.clock.set(world.clock.nowEpochMs() + ms);
  }

  function momentIn(tickEpochMs: number): Moment | undefined {
    const work = kill?.usual.get(tickEpochMs);
    if (
      kill === undefined ||
      work === undefined ||
      kills >= kill.killsMax ||
      killsInARow >= killsInARowMax
    )
      return undefined;
    const kind = random.pick(['before', 'after', 'time'] as const);
    if (kind === 'time') return { afterMs: Math.floor(random.next() * work.durationMs) };
    return { at: random.int(1, work.requests), side: kind };
  }
}

function nameOf(moment: Moment): string {
  return 'afterMs' in moment ? 'by time' : `${moment.side} a request`;
}
