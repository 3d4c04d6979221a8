import { TickTally } from '../../../lambda/record/tick-context.ts';

test('the lag is the longest one added, and unknown before any', () => {
  const tally = new TickTally();
  expect(tally.lagMaxMs).toBeUndefined();
  for (const ms of [0, 4_000, 1_000]) tally.addLag(ms);
  expect(tally.lagMaxMs).toBe(4_000);
});

test('doubts and uncounted bytes are sums', () => {
  const tally = new TickTally();
  for (const count of [1, 0, 2]) {
    tally.addDoubts(count);
    tally.addUncountedBytes(10 * count);
  }
  expect(tally).toMatchObject({ doubts: 3, bytesUncounted: 30, slices: [] });
});
