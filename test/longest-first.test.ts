import { fileURLToPath } from 'node:url';
import type { Test } from '@jest/test-result';
import LongestFirst from './longest-first.ts';

const small = 'lambda/common/in-steps.test.ts';
const loadsMuch = 'lambda/tick/create-handler.test.ts';
const startsProcesses = 'cli/commands.test.ts';
const countsSteps = 'counted-steps.test.ts';

/** @param durations in milliseconds, where they are known */
function ordered(durations: Readonly<Record<string, number>> = {}): string[] {
  const names = [small, loadsMuch, startsProcesses, countsSteps];
  const paths = new Map(
    names.map((name) => [fileURLToPath(new URL(name, import.meta.url)), name] as const),
  );
  const context = {
    config: { cache: false },
    hasteFS: { getSize: () => 1 },
  } as unknown as Test['context'];
  const sequencer = new LongestFirst({} as ConstructorParameters<typeof LongestFirst>[0]);
  Object.assign(sequencer, { time: ({ path }: Test) => durations[paths.get(path) ?? ''] });
  return sequencer
    .sort([...paths.keys()].map((path) => ({ path, context, duration: undefined })))
    .map(({ path }) => paths.get(path) ?? '');
}

test('in a fresh clone the suites with the most work come first', () => {
  expect(ordered()).toEqual([countsSteps, startsProcesses, loadsMuch, small]);
});

test('where durations are known, the longest suites come first', () => {
  const durations = { [small]: 9_000, [startsProcesses]: 5_000, [loadsMuch]: 1, [countsSteps]: 1 };
  expect(ordered(durations)).toEqual([countsSteps, small, startsProcesses, loadsMuch]);
});
