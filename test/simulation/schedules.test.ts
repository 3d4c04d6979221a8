import { expectHealthySchedules } from './expect-healthy.ts';

test('a thousand schedules of storms break no invariant', async () => {
  await expectHealthySchedules({ from: 1, runs: 1_000 });
}, 240_000);
