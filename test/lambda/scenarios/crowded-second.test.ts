import fc from 'fast-check';
import { DeadlineError } from '../../../lambda/common/retry.ts';
import { observe } from '../../../lambda/lines/event-identity.ts';
import type { RetreatStep } from '../../../lambda/model/retreat.ts';
import { type PackText, packText, partsOf } from '../../../lambda/query/pack-text.ts';
import { QueryError } from '../../../lambda/query/query.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { type AskText, readPack } from '../../../lambda/scan/read-pack.ts';
import { awsError } from '../setup/aws-error.ts';
import { containing } from '../setup/pack-fixture.ts';

const rowsMax = 10;
const partRowsMax = 10 * rowsMax;
const ids = ['d00', 'd01', 'd02', 'd03'];
const plan = { candidates: ids.map((id) => containing(id, id)), packRowsMax: rowsMax };
const whole = packText(plan.candidates, rowsMax);
/** The detections of each text that can be run, by a short name. */
const namesOf = new Map(
  withParts(whole).map(({ queryString, detections }) => [queryString, detections.join()]),
);

function withParts(text: PackText): PackText[] {
  return [text, ...partsOf(text, plan.candidates, rowsMax).flatMap(withParts)];
}

const second = {
  logGroups: ['airflow-prod-Task'],
  window: { startEpochMs: 1_772_355_062_000, endEpochMs: 1_772_355_063_000 },
};

/** An event of the second, by the detections that it matches. */
interface Held {
  readonly matches: readonly string[];
  readonly characters?: number;
}

/** The number of the event that no detection can read. */
let poison = 'none';

afterEach(() => {
  poison = 'none';
});

/** @param refused names of texts that StartQuery fails for, with `cause` */
function reading(
  events: readonly Held[],
  step: RetreatStep = 'whole',
  refused: string[] = [],
  cause: Error = awsError('InvalidParameterException'),
) {
  const asked: string[] = [];
  const ask: AskText = async ({ queryString, rowsMax: limit = rowsMax }, slice, openSink) => {
    const name = namesOf.get(queryString) ?? 'not a text of the pack';
    asked.push(name);
    if (refused.includes(name)) {
      const error = new QueryError('refused', { startFailure: 'other', cause });
      const outcomes = new Map(
        slice.logGroups.map((one) => [one, { kind: 'failed', error } as const]),
      );
      return { outcomes, answers: [], bytesScanned: 0, doubts: 0 };
    }
    const own = name.split(',');
    const rows = events
      .map((event, at) => ({ ...event, at }))
      .filter(({ matches }) => matches.some((id) => own.includes(id)))
      .slice(0, limit)
      .map(({ matches, at, characters = 0 }) => [
        { field: '@timestamp', value: '2026-03-01 08:51:02.000' },
        { field: '@log', value: '123456789012:airflow-prod-Task' },
        { field: '@logStream', value: 's' },
        { field: '@message', value: `${at} ${matches.join(' ')} ${'x'.repeat(characters)}` },
      ]);
    const sink = openSink();
    const isCutOff = sink.take(rows) === 'enough';
    const outcomes = new Map(slice.logGroups.map((one) => [one, { kind: 'scanned' } as const]));
    const answers = [{ sink, isCutOff, logGroups: slice.logGroups }];
    return { outcomes, answers, bytesScanned: 7, doubts: 0 };
  };
  const observed: string[][] = [];
  const read = async () => {
    const [one] = await readPack(
      {
        ...{ ask, plan, texts: [whole], verdicts: new Verdicts(plan.candidates) },
        observe: (event) => {
          if (event.message.startsWith(poison)) throw new TypeError(event.message);
          observed.push([event.message.split(' ')[0] ?? '', ...event.detections]);
          return observe(event, []);
        },
      },
      second,
      step,
    );
    if (one === undefined) throw new Error('there is no reading');
    const found = [...one.events.values()].flat();
    return {
      ...one,
      numbers: found.map(({ seen }) => Number(seen.message.split(' ')[0])).sort((a, b) => a - b),
    };
  };
  return { asked, observed, read };
}

const many = (count: number, ...matches: string[]): Held[] =>
  Array.from({ length: count }, () => ({ matches }));

test('a second that fits into one answer is queried once', async () => {
  const { asked, read } = reading(many(rowsMax - 1, 'd01'));
  expect(await read()).toMatchObject({ flooded: false, numbers: { length: rowsMax - 1 } });
  expect(asked).toEqual(['d00,d01,d02,d03']);
});

test('a second that does not is read by parts of the pack: a flood of one detection hides no other', async () => {
  const { asked, read } = reading([...many(40, 'd01'), { matches: ['d03'] }]);
  const { flooded, numbers, bytesScanned } = await read();
  expect(numbers).toHaveLength(41);
  expect(flooded).toBe(false);
  expect(asked).toEqual(['d00,d01,d02,d03', 'd00,d01', 'd00', 'd01', 'd02,d03']);
  expect(bytesScanned).toBe(7 * asked.length);
});

test('a part that overflows is logged; its first rows and all other parts are read', async () => {
  const { read } = reading([...many(partRowsMax + 20, 'd01'), { matches: ['d03'] }]);
  const { flooded, numbers } = await read();
  expect(flooded).toBe(true);
  expect(numbers).toHaveLength(partRowsMax + 1);
  expect(numbers).toContain(partRowsMax + 20);
});

test('however the events of a second match, each is read once or the reading is flooded', async () => {
  const held = fc.record({ matches: fc.subarray(ids, { minLength: 1 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(held, { maxLength: 90 }), async (events) => {
      const { read, observed } = reading(events);
      const { flooded, numbers } = await read();
      expect(new Set(numbers).size).toBe(numbers.length);
      const perDetection = ids.map(
        (id) => events.filter(({ matches }) => matches.includes(id)).length,
      );
      const fits = perDetection.every((count) => count < partRowsMax);
      if (fits) expect(flooded).toBe(false);
      if (!flooded) {
        expect(numbers).toEqual(events.map((_, at) => at));
        for (const [at, { matches }] of events.entries()) {
          const last = observed.findLast(([number]) => number === String(at));
          expect(new Set(last?.slice(1))).toEqual(new Set(matches));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('after a part that AWS refuses, the rows of the whole text count, and the second is a flood', async () => {
  const { read } = reading(many(40, 'd01'), 'whole', ['d01']);
  expect(await read()).toMatchObject({
    ...{ flooded: true, numbers: { length: rowsMax } },
    outcomes: new Map([['airflow-prod-Task', { kind: 'scanned' }]]),
  });
});

test('a part that runs out of time is no flood: the second is read again', async () => {
  const { read } = reading(many(40, 'd01'), 'whole', ['d01'], new DeadlineError('no time'));
  const { flooded, outcomes } = await read();
  expect(flooded).toBe(false);
  expect(outcomes.get('airflow-prod-Task')).toMatchObject({ kind: 'failed' });
});

test('an untried part is not skipped when it is refused', async () => {
  const { read } = reading(
    many(3, 'd03'),
    'parts',
    ['d00,d01'],
    awsError('MalformedQueryException'),
  );
  const { flooded, outcomes } = await read();
  expect(flooded).toBe(false);
  expect(outcomes.get('airflow-prod-Task')).toMatchObject({ kind: 'failed' });
});

test('reading a second of very large rows stops at a fixed number of bytes, and is flooded', async () => {
  const large = Array.from({ length: 45 }, () => ({ matches: ['d01'], characters: 8_000_000 }));
  const { read } = reading(large);
  const { flooded, numbers } = await read();
  expect(flooded).toBe(true);
  expect(numbers.length).toBeLessThan(25);
});

test('a second that killed a run is queried only in parts', async () => {
  const { asked, read } = reading(many(3, 'd01'), 'parts');
  expect(await read()).toMatchObject({ flooded: false, numbers: [0, 1, 2] });
  expect(asked).toEqual(['d00,d01', 'd02,d03']);
});

test('a second that killed every run is not queried, and is a flood', async () => {
  const { asked, read } = reading(many(3, 'd01'), 'none');
  expect(await read()).toMatchObject({
    ...{ flooded: true, numbers: [] },
    outcomes: new Map([['airflow-prod-Task', { kind: 'scanned' }]]),
  });
  expect(asked).toEqual([]);
});

test('an event whose reading fails is skipped and reported without its text', async () => {
  poison = '1 ';
  const { read } = reading(many(3, 'd01'));
  const { numbers, unreadable } = await read();
  expect(numbers).toEqual([0, 2]);
  expect(unreadable).toMatchObject([
    { count: 1, problem: 'cannot be read by its detections (TypeError)' },
  ]);
});
