import { expectHealthySchedules } from './expect-healthy.ts';

test('the first five hundred schedules break no invariant', async () => {
  await expectHealthySchedules({ from: 1, runs: 500 });
}, 120_000);
