import { expectHealthySchedules } from './expect-healthy.ts';

test('half of a thousand schedules of storms break no invariant', async () => {
  await expectHealthySchedules({ draw: 2, runs: 500 });
}, 120_000);
