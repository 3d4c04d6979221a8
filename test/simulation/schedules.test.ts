import { expectHealthySchedules } from './expect-healthy.ts';

test('no schedule of storms and hostile lines breaks an invariant', async () => {
  await expectHealthySchedules();
}, 480_000);
