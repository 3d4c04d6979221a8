import type { LambdaProcess } from '../../local/demo/lambda-process.ts';
import type { Random } from '../simulation/random.ts';
import { attempt, type Moment, type Outcome } from './attempt.ts';
import type { RunResult } from './compare-runs.ts';
import { openWorld, type Stage } from './kill-world.ts';
import type { Told } from './published.ts';

const secondMs = 1_000;
/** More than an invocation's lease outlives its time limit. */
const leaseReserveMs = 6 * secondMs;
/** More than a claim to publish outlives its invocation. */
const claimReserveMs = 40 * secondMs;
/** How often the monitor is invoked in the end: claims of killed invocations have run out by then. */
const lastInvocations = 3;
/** What an invocation takes at the most while nothing is known of it. */
const firstRequests = 60;
const firstMs = 400;

export interface KillRun extends RunResult {
  readonly kills: number;
  readonly killedBy: ReadonlyMap<string, number>;
  readonly lostAnswers: number;
  readonly invocations: number;
  /** Errors that handlers threw, which nobody had killed. */
  readonly errors: readonly string[];
}

/**
 * Runs the monitor over all ticks of a session, each time killing it in the middle of its work so many
 * times; the same tick comes again then, as Lambda retries it, or the next one.
 *
 * Time passes between two invocations as it would: a killed one keeps its lease until Lambda would
 * have ended it.
 *
 * @param kills how often; nought for an undisturbed run
 * @param onKill told how many kills are done
 */
export async function killRun(
  stage: Stage,
  kills: number,
  random: Random,
  onKill: (done: number) => void = () => {},
): Promise<KillRun> {
  const { plan, monitor } = stage;
  const world = await openWorld(stage, () => {});
  const lostPublishes: Told[] = [];
  const killedBy = new Map<string, number>();
  const errors: string[] = [];
  let [done, lostAnswers, invocations] = [0, 0, 0];
  let [usualRequests, usualMs] = [firstRequests, firstMs];
  let lambda: LambdaProcess | undefined;
  try {
    const planned = spread(kills, plan.ticks.length, random);
    for (const [at, tickEpochMs] of plan.ticks.entries()) {
      await tick(tickEpochMs, planned[at] ?? 0);
    }
    const last = plan.ticks.at(-1) ?? 0;
    for (let extra = 0; extra < lastInvocations; extra++) {
      wait(monitor.timeoutSeconds * secondMs + claimReserveMs);
      await invoke(last);
    }
    return {
      told: world.told(),
      sums: world.sums(),
      ...{ kills: done, killedBy, lostPublishes, lostAnswers, invocations, errors },
    };
  } finally {
    await lambda?.close();
    await world.close();
  }

  async function tick(tickEpochMs: number, killsHere: number): Promise<void> {
    world.clock.set(Math.max(world.clock.nowEpochMs(), tickEpochMs));
    let left = killsHere;
    while (left > 0) {
      const { kind } = await invoke(tickEpochMs, momentOf());
      if (kind === 'killed') left -= 1;
    }
    // Lambda gives up after some tries; then the next tick has to make up for it.
    if (killsHere === 0 || random.chance(0.5)) await invoke(tickEpochMs);
  }

  async function invoke(tickEpochMs: number, moment?: Moment): Promise<Outcome> {
    lambda ??= await world.startLambda();
    const nowEpochMs = world.clock.nowEpochMs();
    const outcome = await attempt(world, lambda, { tickEpochMs, nowEpochMs }, moment);
    invocations += 1;
    if (outcome.kind === 'killed') {
      lambda = undefined;
      lostPublishes.push(...outcome.lostPublishes);
      lostAnswers += outcome.lostAnswers;
      const by = moment === undefined ? 'nothing' : nameOf(moment);
      killedBy.set(by, (killedBy.get(by) ?? 0) + 1);
      wait(monitor.timeoutSeconds * secondMs + leaseReserveMs + random.whole(0, 60) * secondMs);
      onKill(++done);
    } else if (outcome.kind === 'failed') {
      errors.push(outcome.error);
    } else if (moment === undefined) {
      usualRequests = Math.max(20, outcome.requests);
      usualMs = Math.max(50, outcome.durationMs);
    }
    return outcome;
  }

  function wait(ms: number): void {
    world.clock.set(world.clock.nowEpochMs() + ms);
  }

  function momentOf(): Moment {
    const kind = random.pick(['before', 'after', 'time'] as const);
    if (kind === 'time') return { afterMs: Math.floor(random.next() * usualMs) };
    return { at: random.whole(1, usualRequests), side: kind };
  }
}

function nameOf(moment: Moment): string {
  return 'afterMs' in moment ? 'by time' : `${moment.side} a request`;
}

/** So many things put into so many places, each anywhere. */
function spread(count: number, places: number, random: Random): number[] {
  const filled = new Array<number>(places).fill(0);
  for (let at = 0; at < count; at++) {
    const place = random.whole(0, places - 1);
    filled[place] = (filled[place] ?? 0) + 1;
  }
  return filled;
}
