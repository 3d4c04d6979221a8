import { inSteps } from '../../lambda/in-steps.ts';

test('the results come in the order of the items, whichever is done first', async () => {
  const done: number[] = [];
  const results = await inSteps([3, 1, 2], async (turns) => {
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    done.push(turns);
    return turns * 10;
  });
  expect(done).toEqual([1, 2, 3]);
  expect(results).toEqual([30, 10, 20]);
});

test('no more than sixteen operations are under way at once, and every item has its turn', async () => {
  const items = Array.from({ length: 40 }, (_, at) => at);
  let underWay = 0;
  let mostAtOnce = 0;
  const results = await inSteps(items, async (item) => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    await Promise.resolve();
    underWay -= 1;
    return item;
  });
  expect(results).toEqual(items);
  expect(mostAtOnce).toBe(16);
});

test('one that fails fails all, and what comes behind it is not begun', async () => {
  const begun: number[] = [];
  const items = Array.from({ length: 40 }, (_, at) => at);
  const failing = inSteps(items, async (item) => {
    begun.push(item);
    if (item === 5) throw new Error('item 5 is bad');
  });
  await expect(failing).rejects.toThrow('item 5 is bad');
  expect(begun).toHaveLength(16);
});
