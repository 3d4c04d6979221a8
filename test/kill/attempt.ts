import type { LambdaProcess } from '../../local/demo/run/lambda-process.ts';
import type { World } from './kill-world.ts';
import { type Told, unknownPublishes } from './published.ts';
import type { Cut } from './request-gate.ts';

/** When to kill an invocation: at a request, or some milliseconds after its start. */
export type Moment = Cut | { readonly afterMs: number };

/** How one invocation ended. */
export type Outcome =
  | { readonly kind: 'finished'; readonly requests: number; readonly durationMs: number }
  /** The handler threw; Lambda would retry it. */
  | { readonly kind: 'failed'; readonly requests: number; readonly error: string }
  | {
      readonly kind: 'killed';
      /** How many requests had been seen. */
      readonly requests: number;
      readonly lostAnswers: number;
      /** Findings that were published although the ledger does not say so. */
      readonly unknownPublishes: readonly Told[];
    };

/**
 * Invokes the function for a tick and kills its process with SIGKILL at the given moment.
 *
 * @returns how it ended; `killed` only when it was still working
 */
export async function attempt(
  { gate }: World,
  lambda: LambdaProcess,
  times: { readonly tickEpochMs: number; readonly nowEpochMs: number },
  moment?: Moment,
): Promise<Outcome> {
  let isKilled = false;
  let killing = Promise.resolve();
  const kill = () => {
    if (isKilled) return;
    isKilled = true;
    gate.shut();
    killing = lambda.close();
  };
  const isTimed = moment !== undefined && 'afterMs' in moment;
  gate.watch(isTimed ? undefined : moment, kill);
  const timer = isTimed ? setTimeout(kill, moment.afterMs) : undefined;
  try {
    const { error, durationMs } = await lambda.invoke(times.tickEpochMs, times.nowEpochMs);
    clearTimeout(timer);
    const requests = gate.seen;
    if (!isKilled) {
      return error === undefined
        ? { kind: 'finished', requests, durationMs }
        : { kind: 'failed', requests, error };
    }
  } catch (error) {
    if (!isKilled) throw error;
  }
  await killing;
  const { carriedOut, lostAnswers } = await gate.settled();
  return {
    kind: 'killed',
    requests: gate.seen,
    lostAnswers,
    unknownPublishes: unknownPublishes(carriedOut),
  };
}
