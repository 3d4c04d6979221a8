import { VirtualTime } from './virtual-time.ts';

test('steps run in the order of their times, and steps of one time in the order they were entered', async () => {
  const time = new VirtualTime(1_000);
  const happened: string[] = [];
  const enter = (atMs: number, name: string) =>
    time.at(atMs, () => happened.push(`${name} at ${time.nowEpochMs}`));
  for (const [atMs, name] of [
    ...([
      [3_000, 'c'],
      [2_000, 'a'],
      [2_000, 'b'],
    ] as const),
    ...([
      [500, 'past'],
      [9_000, 'later'],
    ] as const),
  ]) {
    enter(atMs, name);
  }
  await time.runUntil(5_000);
  expect(happened).toEqual(['past at 1000', 'a at 2000', 'b at 2000', 'c at 3000']);
  expect(time.nowEpochMs).toBe(5_000);
});

test('two that sleep interleave at each of their sleeps', async () => {
  const time = new VirtualTime(0);
  const happened: string[] = [];
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => time.after(milliseconds, resolve));
  const walk = async (name: string, stepMs: number) => {
    for (let step = 1; step <= 3; step += 1) {
      await sleep(stepMs);
      // Promises that settle by themselves take no time, however many there are.
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      happened.push(`${name}${step} at ${time.nowEpochMs}`);
    }
  };
  void walk('a', 10);
  void walk('b', 15);
  await time.runUntil(100);
  expect(happened).toEqual([
    ...['a1 at 10', 'b1 at 15', 'a2 at 20', 'b2 at 30', 'a3 at 30', 'b3 at 45'],
  ]);
});

test('a thousand moments come in order, whatever order they are entered in', async () => {
  const time = new VirtualTime(0);
  const seen: number[] = [];
  for (let index = 0; index < 1_000; index += 1) {
    time.at((index * 7_919) % 1_009, () => seen.push(time.nowEpochMs));
  }
  await time.runUntil(2_000);
  expect(seen).toHaveLength(1_000);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});
