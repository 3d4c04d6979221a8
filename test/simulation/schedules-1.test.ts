import { expectHealthySchedules } from './expect-healthy.ts';

test('half of a thousand schedules of storms break no invariant', async () => {
  await expectHealthySchedules({ draw: 1, runs: 500 });
}, 120_000);
