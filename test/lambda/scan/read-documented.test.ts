import { GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { endTimeReadings } from '../setup/end-time.ts';
import { type Held, holding } from '../setup/held-events.ts';
import { awsError, countRow, windowError } from '../setup/monitor-fixture.ts';

type Fixture = ReturnType<typeof holding>;
type Options = Parameters<Fixture['read']>[2];

const at = (second: number, logGroup = 'a'): Held => ({ logGroup, second });

async function count(
  fixture: Fixture,
  span: Parameters<Fixture['read']>[0] = {},
  options?: Options,
) {
  const [reading, ...more] = await fixture.read(span, 'documented', options);
  if (reading === undefined || more.length > 0) throw new Error('one reading is expected');
  const kinds = [...reading.outcomes].map(([group, { kind }]) => [group, kind]);
  return {
    ...reading,
    kinds: Object.fromEntries(kinds),
    counts: Object.fromEntries(reading.matches ?? []),
  };
}

const spansOf = ({ queries }: Fixture) => queries.map(({ from, to }) => [from, to]);

/** Makes StartQuery fail for the queries that a test chooses. */
function refusing(
  fixture: Fixture,
  error: Error,
  isRefused: (query: { from: number; to: number; groups: readonly string[] }) => boolean,
) {
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  const startOfWindow = Date.parse('2026-03-01T08:50:00Z') / 1000;
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      if (command instanceof StartQueryCommand) {
        const { startTime = 0, endTime = 0, logGroupNames: groups = [] } = command.input;
        const query = { from: startTime - startOfWindow, to: endTime - startOfWindow, groups };
        if (isRefused(query)) throw error;
      }
      return Reflect.apply(send, logs, [command, ...rest]);
    },
  });
}

/** Replaces the answers to chosen queries, by their number. */
function answering(fixture: Fixture, answers: Record<number, object>) {
  for (const [queryId, answer] of Object.entries(answers)) {
    fixture.logs
      .on(GetQueryResultsCommand, { queryId })
      .resolves({ status: 'Complete', results: [], ...answer });
  }
}

describe('a count is exact whichever way endTime is read', () => {
  test('without a match, one query is enough', async () => {
    const fixture = holding([]);
    expect(await count(fixture)).toMatchObject({
      counts: { a: 0, b: 0 },
      doubts: 0,
      bytesScanned: 100,
    });
    expect(spansOf(fixture)).toEqual([[0, 60]]);
  });

  test('with a match, the end is queried as well, for the groups with matches alone', async () => {
    const fixture = holding([at(1), at(59.999)]);
    expect((await count(fixture)).counts).toEqual({ a: 2, b: 0 });
    expect(spansOf(fixture)).toEqual([
      [0, 60],
      [60, 60],
    ]);
    expect(fixture.queries[1]?.groups).toEqual(['a']);
  });

  test('events at the end are subtracted from a count that is queried after them', async () => {
    const fixture = holding([at(1), at(60), at(60), at(2, 'b')]);
    expect((await count(fixture)).counts).toEqual({ a: 1, b: 1 });
    expect(spansOf(fixture)).toEqual([
      [0, 60],
      [60, 60],
      [0, 60],
    ]);
    expect(fixture.queries[2]?.groups).toEqual(['a']);
  });

  test.each(endTimeReadings)(
    'with endTime read to its %s: each millisecond counts in its slice alone',
    async (endTime) => {
      const part = fc.constantFrom(0, 0.001, 0.5, 0.999);
      const held = fc
        .tuple(fc.integer({ min: -1, max: 12 }), part, fc.constantFrom('a', 'b'))
        .map(([second, fraction, logGroup]) => at(second + fraction, logGroup));
      const ends = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.array(held, { maxLength: 12 }), ends, async (events, inner) => {
          const fixture = holding(events, { endTime });
          const bounds = [0, ...inner.toSorted((a, b) => a - b), 10];
          for (const [index, to] of bounds.slice(1).entries()) {
            const from = bounds[index] ?? 0;
            const { counts } = await count(fixture, { from, to });
            for (const group of ['a', 'b']) {
              const own = events.filter(
                ({ logGroup, second }) => logGroup === group && second >= from && second < to,
              );
              expect(counts[group]).toBe(own.length);
            }
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test('an event that comes in between two queries can only make the count higher', async () => {
    const fc2 = fc.record({ second: fc.constantFrom(5, 60), beforeQuery: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc2, { maxLength: 6 }), async (arrivals) => {
        const fixture = holding([]);
        const visible = (query: number, second: number) =>
          arrivals.filter((one) => one.second === second && one.beforeQuery <= query).length;
        fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
          const { from = 0 } = fixture.queries[Number(queryId)] ?? {};
          const own = from === 60 ? 0 : visible(Number(queryId), 5);
          const found = own + visible(Number(queryId), 60);
          return { status: 'Complete', results: found > 0 ? [countRow('a', found)] : [] };
        });
        const { counts } = await count(fixture);
        expect(counts.a).toBeGreaterThanOrEqual(visible(0, 5));
      }),
      { numRuns: 100 },
    );
  });
});

describe('when the end cannot be queried', () => {
  const isAtEnd = ({ from, to }: { from: number; to: number }) => from === to;

  test.each([
    awsError('InvalidParameterException', 'end time should be after start time'),
    awsError('MalformedQueryException', 'invalid time range'),
    windowError,
  ])(
    'because StartQuery refuses it (%s), the count is used as it is, with one doubt',
    async (error) => {
      const fixture = holding([at(1), at(60), at(2, 'b')]);
      refusing(fixture, error, isAtEnd);
      expect(await count(fixture)).toMatchObject({
        ...{ counts: { a: 2, b: 1 }, kinds: { a: 'scanned', b: 'scanned' }, doubts: 1 },
      });
      expect(fixture.lines).toContainEqual(
        expect.objectContaining({ decision: 'count-not-exact', logGroups: ['a', 'b'] }),
      );
    },
  );

  test.each([
    awsError('InvalidParameterException', 'end time should be after start time'),
    awsError('MalformedQueryException', 'invalid time range'),
    windowError,
  ])(
    'for one group alone (%s), the others are corrected, and that group is the doubt',
    async (error) => {
      const fixture = holding([at(1), at(60), at(2, 'b'), at(60, 'b')]);
      refusing(fixture, error, (query) => isAtEnd(query) && query.groups.includes('a'));
      expect(await count(fixture)).toMatchObject({
        ...{ counts: { a: 2, b: 1 }, kinds: { a: 'scanned', b: 'scanned' }, doubts: 1 },
      });
      expect(fixture.lines).toContainEqual(
        expect.objectContaining({ decision: 'count-not-exact', logGroups: ['a'] }),
      );
    },
  );

  test('because the query fails, the count is used as it is, with one doubt', async () => {
    const fixture = holding([at(1), at(60)]);
    answering(fixture, { 1: { status: 'Failed' } });
    expect(await count(fixture)).toMatchObject({ counts: { a: 2 }, doubts: 1 });
  });

  test.each([
    ['is denied', awsError('AccessDeniedException'), 'blind'],
    ['is throttled until the time is over', awsError('ThrottlingException'), 'failed'],
    ['is away', awsError('ServiceUnavailableException'), 'failed'],
  ])('because it %s, the slice waits as after any other failure', async (_, error, kind) => {
    const fixture = holding([at(1), at(2, 'b')]);
    refusing(fixture, error, (query) => isAtEnd(query) && query.groups.includes('a'));
    const { kinds, counts } = await count(fixture, { logGroups: ['a'] });
    expect(kinds).toEqual({ a: kind });
    expect(counts).toEqual({});
  });

  test('a count that fails when it is queried again makes the slice wait', async () => {
    const fixture = holding([at(1), at(60)]);
    answering(fixture, { 2: { status: 'Timeout' } });
    expect(await count(fixture)).toMatchObject({ kinds: { a: 'failed', b: 'scanned' } });
  });

  test.each([1, 2])(
    'a row that cannot be read in answer %i leaves the count as it was',
    async (answer) => {
      const fixture = holding([at(1), at(60)]);
      answering(fixture, { [answer]: { results: [countRow('a', -1)] } });
      expect(await count(fixture)).toMatchObject({
        ...{ counts: { a: 2, b: 0 }, doubts: 1, unreadable: [{ logGroup: 'a', count: 1 }] },
      });
    },
  );
});

describe('contradicting numbers subtract nothing, and are one doubt', () => {
  test.each([
    ['more lies at the end than in all', [2, 3, 2], 2],
    ['the later number is lower', [5, 1, 4], 5],
    ['there is nothing any more', [2, 1, 0], 2],
  ])('%s', async (_, numbers, expected) => {
    const fixture = holding([]);
    const rowsOf = (number: number) => ({ results: number === 0 ? [] : [countRow('a', number)] });
    answering(fixture, { ...numbers.map(rowsOf) });
    expect(await count(fixture)).toMatchObject({ counts: { a: expected, b: 0 }, doubts: 1 });
  });
});

describe('a refusal of the documented text is about a log group', () => {
  const unknown = awsError('MalformedQueryException', 'a sentence that nobody knows');
  const refusesA = ({ groups }: { groups: readonly string[] }) => groups.includes('a');

  test('the groups are queried one by one, and the others are counted', async () => {
    const fixture = holding([at(1, 'b')]);
    refusing(fixture, unknown, refusesA);
    expect(await count(fixture)).toMatchObject({
      ...{ kinds: { a: 'failed', b: 'scanned' }, counts: { b: 1 } },
    });
  });

  test('with AWS’s message about the window the group is out of reach', async () => {
    const fixture = holding([at(1, 'b')]);
    refusing(fixture, windowError, refusesA);
    expect((await count(fixture)).kinds).toEqual({ a: 'out-of-reach', b: 'scanned' });
  });

  test('with any message it is, if the group is known to have no events of the window', async () => {
    const fixture = holding([]);
    refusing(fixture, unknown, () => true);
    const options = { isGone: (logGroup: string) => logGroup === 'a' };
    expect((await count(fixture, {}, options)).kinds).toEqual({ a: 'out-of-reach', b: 'failed' });
  });

  test('facts about the group do not matter for any other failure', async () => {
    const fixture = holding([]);
    refusing(fixture, awsError('InvalidParameterException'), () => true);
    const options = { isGone: () => true };
    expect((await count(fixture, {}, options)).kinds).toEqual({ a: 'failed', b: 'failed' });
  });
});

describe('a zero of an answer that scanned fewer groups than were queried', () => {
  const scanned = (logGroupsScanned: number) => ({ statistics: { logGroupsScanned } });

  test('is queried once more, for each group alone, and is certain if that was scanned', async () => {
    const fixture = holding([at(1, 'b')]);
    answering(fixture, { 0: { ...scanned(1), results: [countRow('b', 1)] } });
    const { counts, unsure, doubts } = await count(fixture);
    expect(counts).toEqual({ a: 0, b: 1 });
    expect([...(unsure ?? [])]).toEqual([]);
    expect(doubts).toBe(1);
    expect(fixture.queries.map(({ groups }) => groups)).toEqual([['a', 'b'], ['a'], ['b']]);
  });

  test('that comes again is unsure, while the slice counts as read', async () => {
    const fixture = holding([]);
    answering(fixture, { 0: scanned(0), 1: scanned(0), 2: scanned(1) });
    const { counts, unsure, kinds, doubts } = await count(fixture);
    expect(counts).toEqual({ a: 0, b: 0 });
    expect([...(unsure ?? [])]).toEqual(['a']);
    expect(kinds).toEqual({ a: 'scanned', b: 'scanned' });
    expect(doubts).toBe(2);
  });

  test('that turns out to be a count is used as the count', async () => {
    const fixture = holding([at(1)]);
    answering(fixture, { 0: scanned(0) });
    const { counts, unsure } = await count(fixture);
    expect(counts).toEqual({ a: 1, b: 0 });
    expect(unsure?.size).toBe(0);
  });

  test('a count above zero is used, whatever was scanned', async () => {
    const fixture = holding([]);
    answering(fixture, {
      0: { ...scanned(0), results: [countRow('a', 3), countRow('b', 1)] },
    });
    const { counts, unsure } = await count(fixture);
    expect(counts).toEqual({ a: 3, b: 1 });
    expect(unsure?.size).toBe(0);
  });
});

test('an unreadable count does not affect the others', async () => {
  const fixture = holding([]);
  answering(fixture, { 0: { results: [countRow('a', -1)] } });
  expect(await count(fixture)).toMatchObject({
    ...{ kinds: { a: 'scanned', b: 'scanned' }, counts: { b: 0 } },
    unreadable: [{ logGroup: 'a', count: 1 }],
  });
});

test('an answer whose first row is too large is not a zero', async () => {
  const fixture = holding([]);
  const rows = Array.from({ length: 1_000 }, () => countRow('a', 1));
  answering(fixture, { 0: { results: rows } });
  const { counts, unreadable } = await count(fixture);
  expect(counts).toEqual({});
  expect(unreadable).toMatchObject([{ logGroup: 'a' }, { logGroup: 'b' }]);
});

test('a group that could not be counted was not read: nothing of it counts', async () => {
  const fixture = holding([at(1), at(2, 'b')]);
  fixture.deny('the documented query', 'a');
  const { kinds, counts } = await count(fixture);
  expect(kinds).toEqual({ a: 'blind', b: 'scanned' });
  expect(counts).toEqual({ b: 1 });
});
