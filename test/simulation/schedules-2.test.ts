import { expectHealthySchedules } from './expect-healthy.ts';

test('the second five hundred schedules break no invariant', async () => {
  await expectHealthySchedules({ from: 501, runs: 500 });
}, 120_000);
