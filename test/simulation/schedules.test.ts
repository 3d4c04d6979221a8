import { expectHealthySchedules } from './expect-healthy.ts';

test('five hundred schedules of storms and hostile lines break no invariant', async () => {
  await expectHealthySchedules({ from: 1, runs: 500 });
}, 480_000);
