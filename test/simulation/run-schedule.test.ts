import fc from 'fast-check';
import { runSchedule, runSeed } from './run-schedule.ts';
import { scheduleOf, schedules, smallestBroken } from './schedule/draw-schedule.ts';
import type { Schedule } from './schedule/schedule.ts';
import { chooseSeeds } from './seeds.ts';

const quiet: Schedule = {
  ...scheduleOf(1),
  ...{
    noise: [],
    hostileActs: [],
    packFaults: [],
    ledgerFaults: [],
    scarceMemory: [],
    outages: [],
    callFaults: [],
    groupFaults: [],
    downtimes: [],
    storms: [],
    stalls: [],
  },
  tickFaults: [],
  retentionDays: undefined,
};

test('a seed gives the same run again, step by step', async () => {
  const [first, second] = [await runSeed(7, { isTold: true }), await runSeed(7, { isTold: true })];
  expect(first.story.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});

test('without faults each change is reported once, and only lines strike', async () => {
  const result = await runSchedule(quiet);
  expect(result).toMatchObject({ violations: [], lost: 0, repeats: 0, unknownPublishes: 0 });
  expect(result.invocations).toBe(quiet.settings.ticks + 1);
  expect(result.changes).toBeGreaterThan(0);
  expect(result.strikes.map(([kind]) => kind).filter((kind) => !/event|echo/.test(kind))).toEqual(
    [],
  );
});

test('a run killed at its first call does nothing, and later ticks catch up', async () => {
  const kill = { kind: 'killed-before-effect', step: 'take-lease', tick: 3, skip: 0 } as const;
  const result = await runSchedule({ ...quiet, callFaults: [kill] }, { isTold: true });
  expect(result).toMatchObject({ violations: [], lost: 0 });
  const killed = result.story.filter((line) => line.includes('is killed'));
  const [, number] = /(#\d+)/.exec(killed[0] ?? '') ?? [];
  expect(killed).toHaveLength(1);
  expect(
    result.story.filter((line) => line.includes(`${number}  `)).map((line) => line.slice(17)),
  ).toEqual([
    expect.stringContaining('begins for the tick'),
    expect.stringContaining('take-lease is struck'),
    expect.stringContaining('is killed'),
  ]);
});

test('a run that hangs is killed when its time is up, and later ticks catch up', async () => {
  const stalls = [{ tick: 3, callsBefore: 5 }];
  const result = await runSchedule({ ...quiet, stalls }, { isTold: true });
  expect(result).toMatchObject({ violations: [], lost: 0 });
  expect(new Map(result.strikes).get('invocation-timed-out')).toBe(1);
  const stalled = result.story.findIndex((line) => line.includes('stands still from'));
  const [, number] = /(#\d+)/.exec(result.story[stalled] ?? '') ?? [];
  const after = result.story.slice(stalled + 1).filter((line) => line.includes(`${number}  `));
  expect(after.map((line) => line.slice(17))).toEqual([
    expect.stringContaining('has used up its time'),
    expect.stringContaining('is killed'),
  ]);
});

const from = { detections: Array.from({ length: 100 }, (_, at) => at), most: 3, from: 100 };

const stories = quiet.stories.map((story) => ({ ...story, lag: 0, lastLag: 0 }));
const noise = [{ group: 2, at: 500, lines: 30, seconds: 1 }];

/** The run without faults, shared by the tests that compare with it. */
let runAlone: ReturnType<typeof runSchedule> | undefined;

/** What the documented query counted by log group and tick, with and without faults of the pack. */
async function countedBeside(faults: Partial<Schedule>) {
  runAlone ??= runSchedule({ ...quiet, stories, noise });
  const alone = await runAlone;
  const beside = await runSchedule({ ...quiet, stories, noise, ...faults });
  expect(beside.violations).toEqual([]);
  expect(beside.strikes).not.toEqual(alone.strikes);
  const [expected, counted] = [alone, beside].map(({ matches }) =>
    matches.filter(([, count]) => count > 0),
  );
  expect(expected).not.toEqual([]);
  return { expected: expected ?? [], counted: counted ?? [] };
}

test.each<[string, Partial<Schedule>]>([
  ['one detection is refused', { packFaults: [{ ...from, ...one('detections-refused', 1000) }] }],
  ['its texts are refused', { packFaults: [{ ...from, kind: 'pack-refused', to: 900 }] }],
  ['too much at once is refused', { packFaults: [{ ...from, ...one('too-many-refused', 1000) }] }],
  ['its queries fail', { packFaults: [{ ...from, kind: 'pack-fails', to: 900 }] }],
])('the documented query counts the same as without faults where %s', async (_, faults) => {
  const { expected, counted } = await countedBeside(faults);
  expect(new Map(counted)).toEqual(new Map(expected));
});

// The next tick finds the lease of the killed run, and leaves the work to the tick after it.
test('where answers of the pack kill the run, the documented query counts the same at most two ticks later', async () => {
  const scarceMemory = [{ from: 100, to: 900, answerBytesMax: 1_500 }];
  const { expected, counted } = await countedBeside({ scarceMemory });
  expect(counted.map(([, count]) => count)).toEqual(expected.map(([, count]) => count));
  const tickOf = ([place]: readonly [string, number]) => Number(place.split(' ').at(-1));
  for (const [at, one] of counted.entries()) {
    const [first] = expected.slice(at);
    const laterMs = tickOf(one) - (first === undefined ? Number.NaN : tickOf(first));
    expect(laterMs).toBeGreaterThanOrEqual(0);
    expect(laterMs).toBeLessThanOrEqual(120_000);
  }
});

function one<Kind>(kind: Kind, to: number) {
  return { kind, to, detections: [1] };
}

test.each([
  [680, 'a catch-up needs more than half of a one-minute run'],
  [743, 'a flood uses up the time of a run'],
  [2506, 'lines are gone before a later tick catches up on a killed run'],
])('no invariant breaks in schedule %i, where %s', async (seed) => {
  expect((await runSeed(seed)).violations).toEqual([]);
});

test('fast-check draws the schedule of the seed, so that it can shrink it', async () => {
  const [first] = fc.sample(schedules, { seed: 41, numRuns: 1 });
  expect(first).toEqual(scheduleOf(41));
  const isBroken = async ({ stories }: Schedule) => stories.length > 4;
  const smallest = await smallestBroken(41, isBroken);
  expect(smallest.stories).toHaveLength(5);
  expect([smallest.groupFaults, smallest.callFaults, smallest.storms]).toEqual([[], [], []]);
  expect([smallest.hostileActs, smallest.ledgerFaults]).toEqual([[], []]);
});

test('few schedules are chosen, such that each kind strikes in as many as wanted or possible', () => {
  const digests = [
    { seed: 1, strikes: [['a', 9]] as const },
    { seed: 2, strikes: [['a', 1]] as const },
    {
      seed: 3,
      strikes: [
        ['a', 1],
        ['b', 1],
        ['unwanted', 1],
      ] as const,
    },
    {
      seed: 4,
      strikes: [
        ['b', 1],
        ['c', 1],
      ] as const,
    },
  ];
  expect(chooseSeeds(digests, ['a', 'b', 'c'], 1)).toEqual([3, 4]);
  expect(chooseSeeds(digests, ['a', 'b', 'c'], 2)).toEqual([1, 3, 4]);
});
