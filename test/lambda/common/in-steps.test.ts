import { inSteps, queryEach } from '../../../lambda/common/retry.ts';

test('results are in the order of the items, whichever is done first', async () => {
  const done: number[] = [];
  const results = await inSteps([3, 1, 2], async (turns) => {
    for (let turn = 0; turn < 10 * turns; turn += 1) await Promise.resolve();
    done.push(turns);
    return turns * 10;
  });
  expect(done).toEqual([1, 2, 3]);
  expect(results).toEqual([30, 10, 20]);
});

test('at most sixteen operations run at once, and every item has its turn', async () => {
  const items = Array.from({ length: 40 }, (_, at) => at);
  let underWay = 0;
  let mostAtOnce = 0;
  const results = await inSteps(items, async (item) => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return item;
  });
  expect(results).toEqual(items);
  expect(mostAtOnce).toBe(16);
});

test('a slow operation delays no other', async () => {
  const items = Array.from({ length: 40 }, (_, at) => at);
  const slow = Promise.withResolvers<void>();
  const done: number[] = [];
  const all = inSteps(items, async (item) => {
    if (item === 3) await slow.promise;
    done.push(item);
    if (done.length === items.length - 1) slow.resolve();
  });
  await all;
  expect(done).toEqual([...items.filter((item) => item !== 3), 3]);
});

test('a failure is thrown at once, and nothing is begun after it', async () => {
  const begun: number[] = [];
  const items = Array.from({ length: 40 }, (_, at) => at);
  const others = Promise.withResolvers<void>();
  const failing = inSteps(items, async (item) => {
    begun.push(item);
    await new Promise(setImmediate);
    if (item === 5) throw new Error('item 5 is bad');
    await others.promise;
  });
  await expect(failing).rejects.toThrow('item 5 is bad');
  others.resolve();
  await new Promise(setImmediate);
  expect(begun).toHaveLength(16);
});

test('at most two queries run at once, and every item has its turn', async () => {
  let underWay = 0;
  let mostAtOnce = 0;
  const results = await queryEach([1, 2, 3, 4, 5], async (item) => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return item * 10;
  });
  expect(results).toEqual([10, 20, 30, 40, 50]);
  expect(mostAtOnce).toBe(2);
});
