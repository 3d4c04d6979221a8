/**
 * Prepares a process that runs suites, before the first of them.
 *
 * All suites of a worker share its modules, which is what makes the small ones quick. So a suite leaves
 * no trace: it restores what it changes in modules, in built-in objects and in `process`.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { addEventHandler } from 'jest-circus';

/**
 * Synthesis checks every template against CloudFormation's schemas, which takes seconds each time.
 * Once is enough: the test of the whole app switches the check on for itself.
 */
process.env.CDK_VALIDATION ??= 'false';

/**
 * The processes that suites start share compiled files. The workers themselves do not: a function from
 * that cache has no counters, and some suites count blocks.
 */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');

/**
 * Each run has the same seed, so that a property fails only through a change that affects it.
 * `PROPERTY_SEED=random npm run jest` tries other inputs.
 */
const seed = process.env.PROPERTY_SEED ?? '20261122';
fc.configureGlobal({
  ...(seed !== 'random' && { seed: Number(seed) }),
  // The runner prints no causes of errors.
  includeErrorInReport: true,
});

/** Ends a test that hangs; generous, because a busy machine slows every test down. */
const timeLimitSeconds = Number(process.env.TEST_TIME_LIMIT_SECONDS ?? 300);

// The runner knows no time limits, so each test gets one when it is defined.
addEventHandler((event, { currentDescribeBlock }) => {
  const added = currentDescribeBlock.children.at(-1);
  if (event.name !== 'add_test' || added?.type !== 'test') return;
  const { fn } = added;
  added.fn = () => inTime(async () => (fn as () => unknown)());
});

async function inTime(run: () => Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the test did not end in ${timeLimitSeconds} s`));
    }, timeLimitSeconds * 1000);
  });
  try {
    return await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
