import fc from 'fast-check';
import {
  allAccepted,
  findRefused,
  type KnownTexts,
  type TextAnswer,
  withRefused,
} from '../../../lambda/model/refused-texts.ts';

const idsOf = (count: number) => Array.from({ length: count }, (_, at) => `d${at}`);
const whole = { message: 'the whole text' };

/** An AWS that refuses some detections, and too many at once; it counts its queries. */
function aws(
  refuses: (id: string) => boolean,
  { together = Number.POSITIVE_INFINITY, answers = Number.POSITIVE_INFINITY } = {},
) {
  const asked: (readonly string[])[] = [];
  const ask = async (ids: readonly string[]): Promise<TextAnswer> => {
    if (asked.length >= answers) return { kind: 'unknown' };
    asked.push(ids);
    const bad = ids.find(refuses);
    if (bad !== undefined) return { kind: 'refused', refusal: { message: `${bad} is wrong` } };
    return ids.length <= together
      ? { kind: 'accepted' }
      : { kind: 'refused', refusal: { message: 'too much' } };
  };
  return { ask, asked };
}

function search(ids: readonly string[], { ask }: ReturnType<typeof aws>, knownGood?: string) {
  const known = withRefused(allAccepted(ids), ids, whole);
  return findRefused(known, { ids, ...(knownGood !== undefined && { knownGood }) }, ask);
}

/** What must hold for the result, however it was learnt. */
function expectEachOnce({ refused, accepted, open }: KnownTexts, ids: readonly string[]) {
  const all = [...refused.map(({ id }) => id), ...accepted.flat(), ...open.flat()];
  expect(all.toSorted()).toEqual(ids.toSorted());
}

const plans = fc.integer({ min: 1, max: 200 }).chain((count) =>
  fc.record({
    ids: fc.constant(idsOf(count)),
    bad: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { maxLength: count }),
    together: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: count })),
  }),
);

test('exactly the refused detections are found, and the others fit into texts, however few are accepted at once', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ ids, bad, together }) => {
      const badIds = bad.toSorted((a, b) => a - b).map((at) => `d${at}`);
      fc.pre(badIds.length > 0 || together < ids.length);
      const endpoint = aws((id) => badIds.includes(id), { together });
      const found = await search(ids, endpoint);
      expectEachOnce(found, ids);
      expect(found.isSettled).toBe(true);
      expect(found.refused.map(({ id }) => id)).toEqual(badIds);
      if (ids.length > 1) {
        expect(found.refused.map(({ message }) => message)).toEqual(
          badIds.map((id) => `${id} is wrong`),
        );
      }
      for (const [at, list] of found.accepted.entries()) {
        expect(list.length).toBeLessThanOrEqual(together);
        // Two neighbours that fit into one text are joined.
        const next = found.accepted[at + 1];
        if (next !== undefined) expect(list.length + next.length).toBeGreaterThan(together);
        expect(list).toEqual(ids.filter((id) => list.includes(id)));
      }
    }),
    { numRuns: 200 },
  );
});

test('k of n detections are found with 2 · k · ⌈log₂ n⌉ queries and one more, never more than two each', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(plans, async ({ ids, bad }) => {
      fc.pre(bad.length > 0);
      const endpoint = aws((id) => bad.includes(Number(id.slice(1))));
      await search(ids, endpoint);
      const questions = 2 * bad.length * Math.ceil(Math.log2(ids.length)) + 1;
      expect(endpoint.asked.length).toBeLessThanOrEqual(Math.min(questions, 2 * ids.length));
      most = Math.max(most, endpoint.asked.length);
    }),
    { numRuns: 200 },
  );
  expect(most).toBeGreaterThan(80);
});

test.each([
  [25, 1, 11],
  [200, 1, 17],
  [200, 3, 45],
])('of %i detections %i refused: at most %i queries', async (count, bad, questions) => {
  const ids = idsOf(count);
  const step = Math.floor(count / bad);
  const endpoint = aws((id) => Number(id.slice(1)) % step === step - 1);
  const { refused } = await search(ids, endpoint);
  expect(refused).toHaveLength(bad);
  expect(endpoint.asked.length).toBeLessThanOrEqual(questions);
});

test('when even a condition that is known to be good is refused, the others are not tested', async () => {
  const ids = idsOf(200);
  const endpoint = aws(() => true);
  const found = await search(ids, endpoint, 'd0');
  expect(endpoint.asked.map((list) => list.length)).toEqual([100, 100, 1]);
  expect(found).toMatchObject({ accepted: [], open: [], isSettled: true });
  expect(found.refused.map(({ id }) => id)).toEqual(ids);
});

test('when all but the known good condition are refused, that is found', async () => {
  const ids = idsOf(200);
  const found = await search(
    ids,
    aws((id) => id !== 'd0'),
    'd0',
  );
  expect(found.accepted).toEqual([['d0']]);
  expect(found.refused).toHaveLength(199);
});

test('if too many at once are refused, neighbours are joined to as few lists as possible', async () => {
  const ids = idsOf(200);
  const { refused, accepted } = await search(
    ids,
    aws(() => false, { together: 120 }),
  );
  expect(refused).toEqual([]);
  expect(accepted.map((list) => list.length)).toEqual([100, 100]);
});

test('a search that is interrupted again and again continues from what it knows, and finds the same', async () => {
  const interrupted = fc.tuple(plans, fc.integer({ min: 1, max: 20 }));
  await fc.assert(
    fc.asyncProperty(interrupted, async ([{ ids, bad, together }, answers]) => {
      fc.pre(bad.length > 0 || together < ids.length);
      const refuses = (id: string) => bad.includes(Number(id.slice(1)));
      const undisturbed = aws(refuses, { together });
      const expected = await search(ids, undisturbed);
      let known = withRefused(allAccepted(ids), ids, whole);
      for (let runs = 0; !known.isSettled; runs += 1) {
        // Accepted detections may stay in several lists; joining them starts again.
        const isJoining = known.open.length === 0;
        const endpoint = aws(refuses, isJoining ? { together } : { together, answers });
        known = await findRefused(known, { ids }, endpoint.ask);
        expectEachOnce(known, ids);
        // Each run gets some useful answers.
        expect(runs).toBeLessThan(2 * undisturbed.asked.length + 2);
      }
      expect(known.refused).toEqual(expected.refused);
      expect(known.open).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('when the search runs out of time, what is not known yet stays open', async () => {
  const ids = idsOf(8);
  const found = await search(
    ids,
    aws((id) => id === 'd7', { answers: 3 }),
  );
  expect(found).toEqual({
    refused: [],
    accepted: [
      ['d0', 'd1', 'd2', 'd3'],
      ['d4', 'd5'],
    ],
    open: [['d6', 'd7']],
    isSettled: false,
  });
});

test('a list that was accepted and is refused later is searched; the others do not change', async () => {
  const ids = idsOf(6);
  const known: KnownTexts = {
    refused: [{ id: 'd0', message: 'd0 is wrong' }],
    accepted: [ids.slice(1)],
    ...{ open: [], isSettled: true },
  };
  const endpoint = aws((id) => id === 'd0' || id === 'd3');
  const found = await findRefused(withRefused(known, ids.slice(1), whole), { ids }, endpoint.ask);
  expect(found.refused.map(({ id }) => id)).toEqual(['d0', 'd3']);
  expect(found.accepted).toEqual([['d1', 'd2', 'd4', 'd5']]);
  expect(endpoint.asked.flat()).not.toContain('d0');
});

test('a refused text of one detection needs no search', () => {
  expect(withRefused(allAccepted(['d0']), ['d0'], whole)).toEqual({
    ...{ refused: [{ id: 'd0', ...whole }], accepted: [], open: [], isSettled: true },
  });
});

test('the search ends even if AWS answers at random', async () => {
  const coin = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.boolean()));
  await fc.assert(
    fc.asyncProperty(coin, async ([count, coins]) => {
      const ids = idsOf(count);
      const ask = async (): Promise<TextAnswer> =>
        coins.next().value ? { kind: 'accepted' } : { kind: 'refused', refusal: whole };
      const found = await findRefused(withRefused(allAccepted(ids), ids, whole), { ids }, ask);
      expectEachOnce(found, ids);
      expect(found.isSettled).toBe(true);
    }),
  );
});
