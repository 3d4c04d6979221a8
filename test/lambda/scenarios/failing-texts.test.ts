import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { observe } from '../../../lambda/lines/event-identity.ts';
import type { RetreatStep } from '../../../lambda/model/retreat.ts';
import type { Slice } from '../../../lambda/plan/runtime-config.ts';
import { PackTexts } from '../../../lambda/query/accepted-texts.ts';
import { type PackText, packText, partsOf } from '../../../lambda/query/pack-text.ts';
import { QueryError } from '../../../lambda/query/query.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { type AskText, type PackReading, readPack } from '../../../lambda/scan/read-pack.ts';
import { readAccepted } from '../../../lambda/scan/read-slice.ts';
import type { GroupOutcome } from '../../../lambda/scan/scan-groups.ts';
import { awsError, healthyMonitor } from '../setup/monitor-fixture.ts';
import { containing } from '../setup/pack-fixture.ts';

const rowsMax = 6;
const ids = ['d00', 'd01', 'd02', 'd03', 'd04', 'd05'];
const logGroups = ['a', 'b', 'c'];
const startEpochMs = Date.parse('2026-03-01T08:50:00Z');
const plan = {
  documentedQuery: 'the documented query',
  candidates: ids.map((id) => containing(id, id)),
  packRowsMax: rowsMax,
  detections: [],
};
const whole: Slice = {
  logGroups,
  window: { startEpochMs, endEpochMs: startEpochMs + 8000 },
};

interface Held {
  readonly second: number;
  readonly logGroup: string;
  readonly matches: readonly string[];
}

/** How a query fails; `part`: for this group alone, and its other groups complete. */
type Fate = 'complete' | 'failed' | 'refused' | 'refused-unprobed' | 'timeout';

interface Query {
  readonly detections: readonly string[];
  readonly slice: Slice;
  /** Groups of which it completed without being cut off. */
  readonly completed: readonly string[];
}

/**
 * Reads a slice from a Logs Insights in which queries fail.
 *
 * @param accepted the lists of detections that share a text
 * @param fateOf how the query of a text fails for one of its log groups
 */
async function reading(
  events: readonly Held[],
  accepted: readonly (readonly string[])[],
  fateOf: (detections: readonly string[], logGroup: string, slice: Slice) => Fate,
  slice = whole,
  step: RetreatStep = 'whole',
) {
  const queries: Query[] = [];
  /** Numbers of the events that complete answers held, and those of answers that were cut off. */
  const shown = new Set<number>();
  const ask: AskText = async (text, asked, openSink) => {
    const fates = asked.logGroups.map(
      (group) => [group, fateOf(text.detections, group, asked)] as const,
    );
    const read = fates.flatMap(([group, fate]) => (fate === 'complete' ? [group] : []));
    const outcomes = new Map<string, GroupOutcome>(
      fates.map(([group, fate]) => [
        group,
        fate === 'complete' ? { kind: 'scanned' } : { kind: 'failed', error: errorOf(fate) },
      ]),
    );
    const { startEpochMs: from, endEpochMs: to } = asked.window;
    const found = events
      .map((event, at) => ({ ...event, at, epochMs: startEpochMs + event.second * 1000 }))
      .filter(({ epochMs, matches, logGroup }) => {
        const isAsked = matches.some((id) => text.detections.includes(id));
        return isAsked && epochMs >= from && epochMs < to && read.includes(logGroup);
      })
      .toSorted((one, other) => one.epochMs - other.epochMs);
    const given = found.slice(0, text.rowsMax ?? rowsMax);
    const sink = openSink();
    const isCutOff = sink.take(given.map(rowOf)) === 'enough';
    queries.push({ detections: text.detections, slice: asked, completed: isCutOff ? [] : read });
    if (!isCutOff) for (const { at } of given) shown.add(at);
    const answers = read.length === 0 ? [] : [{ sink, isCutOff, logGroups: read }];
    return { outcomes, answers, bytesScanned: 1, doubts: 0 };
  };
  const { shell, timer, logs } = healthyMonitor();
  // The probes: AWS refuses their texts as well.
  logs.on(StartQueryCommand).callsFake(async ({ queryString, logGroupNames }) => {
    const own = plan.candidates.filter(({ filter = '' }) => queryString.includes(filter));
    const detections = own.map(({ id }) => id);
    for (const group of detections.length === 0 ? [] : logGroupNames) {
      const fate = fateOf(detections, group, slice);
      if (fate === 'refused') throw errorOf('refused').cause;
      if (fate === 'refused-unprobed') throw awsError('AccessDeniedException');
    }
    return { queryId: 'probe' };
  });
  const before = { triedEpochMs: 0, known: { refused: [], accepted, open: [], isSettled: true } };
  const texts = new PackTexts(shell, plan, { before });
  const reader = { plan, verdicts: new Verdicts(plan.candidates) };
  const readings = await readAccepted(texts, slice, deadlineIn(timer, 600_000), ask, (by) =>
    readPack({ ...reader, ...by, observe: (event) => observe(event, []) }, slice, step),
  );
  return { queries, shown, readings };
}

function errorOf(fate: Fate): QueryError {
  if (fate === 'failed') return new QueryError('ended as Failed', { hasFailed: true });
  if (fate === 'timeout') return new QueryError('ended as Timeout', {});
  const cause = awsError('MalformedQueryException', 'does not compile');
  return new QueryError('refused', { startFailure: 'other', cause });
}

function rowOf({ at, epochMs, logGroup, matches }: Held & { at: number; epochMs: number }) {
  const cells = {
    '@timestamp': new Date(epochMs).toISOString().replace('T', ' ').replace('Z', ''),
    '@log': `123456789012:${logGroup}`,
    '@logStream': 's',
    '@message': `${at} ${matches.join(' ')}`,
  };
  return Object.entries(cells).map(([field, value]) => ({ field, value }));
}

const numbersIn = (readings: readonly PackReading[]) =>
  readings
    .flatMap(({ events }) => [...events.values()].flat())
    .map(({ seen }) => Number(seen.message.split(' ')[0]));

const held = fc.record({
  second: fc.nat({ max: 7 }),
  logGroup: fc.constantFrom(...logGroups),
  matches: fc.subarray(ids, { minLength: 1, maxLength: 3 }),
});
const threeTexts = [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)];
/** By detection and log group, how each query that asks for it fails there. */
const fates = fc.dictionary(
  fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...logGroups)).map((key) => key.join(' ')),
  fc.constantFrom<Fate>('failed', 'timeout'),
  { maxKeys: 4 },
);
const fateIn =
  (table: Readonly<Record<string, Fate>>) => (detections: readonly string[], group: string) =>
    detections.map((id) => table[`${id} ${group}`]).find((fate) => fate !== undefined) ??
    'complete';

test('whatever fails, a row of a complete answer is in the reading or after its end, once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(held, { maxLength: 30 }), fates, async (events, table) => {
      const { shown, readings } = await reading(events, threeTexts, fateIn(table));
      const numbers = numbersIn(readings);
      expect(new Set(numbers).size).toBe(numbers.length);
      const end = readings[0]?.window.endEpochMs ?? 0;
      const isBefore = (at: number) => startEpochMs + (events[at]?.second ?? 0) * 1000 < end;
      expect([...shown].filter((at) => isBefore(at) && !numbers.includes(at))).toEqual([]);
      // Nothing is skipped: a reading has all that it claims to have read, or says that it has not.
      for (const { outcomes, flooded, logGroups: read } of readings) {
        const missed = events.filter(({ logGroup }, at) => {
          const isRead = read.includes(logGroup) && outcomes.get(logGroup)?.kind === 'scanned';
          return isRead && !flooded && isBefore(at) && !numbers.includes(at);
        });
        expect(missed).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
});

test('whatever fails or is refused, no query reads again what a complete answer holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(held, { maxLength: 30 }),
      fates,
      fc.subarray(ids, { maxLength: 2 }),
      async (events, table, refused) => {
        const fateOf = fateIn(table);
        const { queries, shown, readings } = await reading(
          events,
          threeTexts,
          (detections, group) =>
            detections.some((id) => refused.includes(id)) ? 'refused' : fateOf(detections, group),
        );
        for (const [at, { detections, slice }] of queries.entries()) {
          for (const logGroup of slice.logGroups) {
            const known = queries
              .slice(0, at)
              .filter(({ completed, slice: { window } }) => {
                const { startEpochMs: from, endEpochMs: to } = window;
                const isOver = from <= slice.window.startEpochMs && to >= slice.window.endEpochMs;
                return isOver && completed.includes(logGroup);
              })
              .flatMap((query) => query.detections);
            expect(detections.filter((id) => !known.includes(id))).not.toEqual([]);
          }
        }
        const end = readings[0]?.window.endEpochMs ?? 0;
        const numbers = numbersIn(readings);
        expect(new Set(numbers).size).toBe(numbers.length);
        const isBefore = (number: number) =>
          startEpochMs + (events[number]?.second ?? 0) * 1000 < end;
        expect(
          [...shown].filter((number) => isBefore(number) && !numbers.includes(number)),
        ).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});

const one: Held = { second: 1, logGroup: 'a', matches: ['d00'] };
const texts = (queries: readonly Query[]) => queries.map(({ detections }) => detections.join());

test('a text that answered is not run again after the next one is refused, except together with new ones', async () => {
  const { queries, readings } = await reading([one], threeTexts, (detections) =>
    detections.includes('d03') ? 'refused' : 'complete',
  );
  expect(texts(queries)).toEqual(['d00,d01', 'd02,d03', 'd00,d01,d02,d04,d05']);
  expect(numbersIn(readings)).toEqual([0]);
});

test.each([
  ['complete', 1],
  ['cut off', 2 * rowsMax],
])('an answer that was %s is still used when long texts are refused', async (_, count) => {
  const events = Array.from({ length: count }, (_, at) => ({ ...one, second: at / 2 }));
  const { queries, readings } = await reading(events, threeTexts, (detections) =>
    detections.includes('d03') || detections.length > 2 ? 'refused' : 'complete',
  );
  expect(texts(queries)).toEqual(['d00,d01', 'd02,d03', 'd02', 'd04,d05']);
  expect(readings).toMatchObject([
    { outcomes: new Map(logGroups.map((group) => [group, { kind: 'scanned' }])) },
  ]);
  expect(readings[0]?.bytesScanned).toBe(4);
});

test('an answer of one log group does not serve another: where its text failed, the group stays failed', async () => {
  const { readings } = await reading([one], threeTexts, (detections, group) => {
    if (detections.includes('d05') || detections.length > 2) return 'refused';
    return detections.includes('d00') && group === 'b' ? 'failed' : 'complete';
  });
  const kinds = readings.flatMap(({ outcomes }) =>
    [...outcomes].map(([group, { kind }]) => [group, kind] as const),
  );
  expect(Object.fromEntries(kinds)).toEqual({ a: 'scanned', b: 'failed', c: 'scanned' });
});

test('while the refused detections are not known, the events of earlier answers are in the reading', async () => {
  const { readings } = await reading([one], [['d00'], ids.slice(1)], (detections) =>
    detections.includes('d00') && detections.length === 1 ? 'complete' : 'refused-unprobed',
  );
  expect(readings[0]?.outcomes.get('a')).toMatchObject({ kind: 'failed' });
  expect(numbersIn(readings)).toEqual([0]);
});

describe('a crowded second of one log group', () => {
  const second: Slice = {
    logGroups: ['a'],
    window: { startEpochMs, endEpochMs: startEpochMs + 1000 },
  };
  const crowd: Held[] = Array.from({ length: 2 * rowsMax }, (_, at) => ({
    ...{ second: 0, logGroup: 'a' },
    matches: [at % 2 === 0 ? 'd01' : 'd05'],
  }));
  const all = packText(plan.candidates, rowsMax);
  const allParts = (text: PackText): PackText[] => [
    text,
    ...partsOf(text, plan.candidates, rowsMax).flatMap(allParts),
  ];

  test('is read by the other answers if a part fails twice, and is a flood', async () => {
    const { queries, readings } = await reading(
      crowd,
      [ids],
      (detections) => (detections.length < 3 && detections.includes('d01') ? 'failed' : 'complete'),
      second,
    );
    const [{ flooded, outcomes } = { flooded: false, outcomes: undefined }] = readings;
    expect(flooded).toBe(true);
    expect(outcomes?.get('a')).toEqual({ kind: 'scanned' });
    // The rows of the whole text and of the other parts.
    const odd = crowd.flatMap((_, at) => (at % 2 === 1 ? [at] : []));
    const firstRows = Array.from({ length: rowsMax }, (_, at) => at);
    expect(numbersIn(readings)).toEqual(expect.arrayContaining([...odd, ...firstRows]));
    expect(texts(queries).filter((text) => text === 'd00,d01')).toHaveLength(2);
  });

  test('is complete if a part that failed once then completes', async () => {
    let failures = 0;
    const { readings } = await reading(
      crowd,
      [ids],
      (detections) => {
        const isFirst = detections.length === 3 && failures === 0;
        if (isFirst) failures += 1;
        return isFirst ? 'failed' : 'complete';
      },
      second,
    );
    expect(readings).toMatchObject([{ flooded: false }]);
    expect(numbersIn(readings).sort((a, b) => a - b)).toEqual(crowd.map((_, at) => at));
  });

  test('waits if the whole text fails, and no part is run', async () => {
    const { queries, readings } = await reading(crowd, [ids], () => 'failed', second);
    expect(texts(queries)).toEqual([ids.join()]);
    expect(readings).toMatchObject([
      { flooded: false, outcomes: new Map([['a', { kind: 'failed' }]]) },
    ]);
  });

  test('waits if a part runs out of time, with the events of the others', async () => {
    const { readings } = await reading(
      crowd,
      [ids],
      (detections) =>
        detections.length === 3 && detections.includes('d00') ? 'timeout' : 'complete',
      second,
    );
    expect(readings).toMatchObject([
      { flooded: false, outcomes: new Map([['a', { kind: 'failed' }]]) },
    ]);
    expect(numbersIn(readings)).toEqual(expect.arrayContaining([1, 3, 5, 7, 9, 11]));
  });

  test.each<[string, readonly string[], boolean]>([
    ['is a flood where one part fails for good', ['d00'], true],
    ['waits where every part fails', ['d00', 'd05'], false],
  ])('that killed a run, and is read by parts alone, %s', async (_, failing, isFlood) => {
    const { readings } = await reading(
      crowd.slice(0, 4),
      [ids],
      (detections) => (detections.some((id) => failing.includes(id)) ? 'failed' : 'complete'),
      second,
      'parts',
    );
    const kind = isFlood ? 'scanned' : 'failed';
    const outcomes = new Map([['a', expect.objectContaining({ kind })]]);
    expect(readings).toMatchObject([{ flooded: isFlood, outcomes }]);
    expect(numbersIn(readings)).toEqual(isFlood ? [1, 3] : []);
  });

  test('whichever parts fail, each event is read, or the second is a flood, or it waits', async () => {
    const parts = allParts(all).slice(1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.subarray(ids, { minLength: 1, maxLength: 2 }), { maxLength: 40 }),
        fc.subarray(parts, { maxLength: 4 }),
        fc.constantFrom<Fate>('failed', 'timeout', 'refused'),
        async (matches, failing, fate) => {
          const names = new Set(failing.map(({ detections }) => detections.join()));
          const events = matches.map((own) => ({ second: 0, logGroup: 'a', matches: own }));
          const { shown, readings } = await reading(
            events,
            [ids],
            (detections) => (names.has(detections.join()) ? fate : 'complete'),
            second,
          );
          const numbers = numbersIn(readings);
          expect(new Set(numbers).size).toBe(numbers.length);
          expect([...shown].filter((at) => !numbers.includes(at))).toEqual([]);
          const isWaiting = readings[0]?.outcomes.get('a')?.kind === 'failed';
          expect(isWaiting && fate !== 'timeout').toBe(false);
          if (numbers.length < events.length) {
            expect(isWaiting || readings[0]?.flooded === true).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
