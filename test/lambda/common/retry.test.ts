import fc from 'fast-check';
import { backoffMs, DeadlineError, retryUntil } from '../../../lambda/common/retry.ts';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { VirtualTimer } from '../setup/monitor-fixture.ts';

const backoff = { firstMs: 100, factor: 2, maxMs: 1_000 };

/** Fails N times, in 10 ms each, then succeeds. */
function retried(failures: number, withinMs: number, worthRetrying = () => true) {
  const timer = new VirtualTimer();
  let attempts = 0;
  const result = retryUntil(
    async () => {
      attempts += 1;
      timer.nowMs += 10;
      if (attempts <= failures) {
        throw new Error(`failure ${attempts}`);
      }
      return 'done';
    },
    { timer, random: () => 1 },
    { deadline: deadlineIn(timer, withinMs), backoff, worthRetrying },
  );
  return { result, timer, attempts: () => attempts };
}

test('a wait lies between half and all of a delay that grows to its maximum', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), random, (failures, chance) => {
      const wait = backoffMs(backoff, failures, chance);
      const delay = Math.min(1_000, 100 * 2 ** (failures - 1));
      expect(wait).toBeGreaterThanOrEqual(delay / 2);
      expect(wait).toBeLessThanOrEqual(delay);
    }),
  );
});

test('an operation is retried with growing waits until it succeeds', async () => {
  const { result, timer } = retried(3, 60_000);
  await expect(result).resolves.toBe('done');
  expect(timer.sleptMs).toEqual([100, 200, 400]);
});

test('an error that is not worth a retry is thrown at once, unchanged', async () => {
  const { result, attempts } = retried(3, 60_000, () => false);
  await expect(result).rejects.toThrow('failure 1');
  expect(attempts()).toBe(1);
});

test('the last attempt happens at the deadline, then DeadlineError is thrown', async () => {
  const { result, timer, attempts } = retried(Number.POSITIVE_INFINITY, 250);
  await expect(result).rejects.toThrow(DeadlineError);
  await expect(result).rejects.toMatchObject({ cause: { message: 'failure 3' } });
  expect(timer.sleptMs).toEqual([100, 130]);
  expect(attempts()).toBe(3);
});

test('no wait ever passes the deadline', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), async (withinMs) => {
      const { result, timer } = retried(Number.POSITIVE_INFINITY, withinMs);
      await expect(result).rejects.toThrow(DeadlineError);
      expect(timer.sleptMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(withinMs);
    }),
    { numRuns: 30 },
  );
});
