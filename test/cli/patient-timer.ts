import type { Timer } from '../../lambda/common/time.ts';
import type { VirtualClock } from '../../local/clock.ts';
import type { InsightsEngine } from '../../local/insights-engine/engine.ts';

/**
 * A timer whose sleeps advance the clock at once, but only when the engine runs no query: a query that
 * takes long on a busy machine must not take long in the clock's time. Sleeps at the same time pass
 * together.
 */
export function patientTimer(engine: InsightsEngine, clock: VirtualClock): Timer {
  const running = new Set<Promise<unknown>>();
  const run = engine.run.bind(engine);
  engine.run = async (query) => {
    const answer = run(query);
    running.add(answer);
    try {
      return await answer;
    } finally {
      running.delete(answer);
    }
  };
  return {
    monotonicMs: () => clock.nowEpochMs(),
    sleep: async (milliseconds) => {
      const endEpochMs = clock.nowEpochMs() + Math.ceil(milliseconds);
      await Promise.allSettled(running);
      clock.set(Math.max(clock.nowEpochMs(), endEpochMs));
    },
  };
}
