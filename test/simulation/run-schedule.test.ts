import fc from 'fast-check';
import { runSchedule, runSeed } from './run-schedule.ts';
import { scheduleOf, schedules, smallestBroken } from './schedule/draw-schedule.ts';
import type { Schedule } from './schedule/schedule.ts';

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

test('a schedule runs again by its number, to the same end by the same way', async () => {
  const [first, second] = [await runSeed(7, { isTold: true }), await runSeed(7, { isTold: true })];
  expect(first.story.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});

test('without a fault every change is told once, and nothing has struck but what lines do', async () => {
  const result = await runSchedule(quiet);
  expect(result).toMatchObject({ violations: [], lost: 0, repeats: 0, unknownPublishes: 0 });
  expect(result.invocations).toBe(quiet.settings.ticks + 1);
  expect(result.changes).toBeGreaterThan(0);
  expect(result.strikes.map(([kind]) => kind).filter((kind) => !/event|echo/.test(kind))).toEqual(
    [],
  );
});

test('a run that is killed at its first call does nothing, and the ticks after it make up for it', async () => {
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

test('a run that stands still is killed when its time is up, and the ticks after it make up for it', async () => {
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

/** What the documented query counted by log group and tick, with and without faults of the pack. */
async function countedBeside(faults: Partial<Schedule>) {
  const [alone, beside] = [
    await runSchedule({ ...quiet, stories, noise }),
    await runSchedule({ ...quiet, stories, noise, ...faults }),
  ];
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
])('where %s the documented query counts as if nothing had', async (_, faults) => {
  const { expected, counted } = await countedBeside(faults);
  expect(new Map(counted)).toEqual(new Map(expected));
});

// The tick after it finds the lease of the killed run, and leaves its part to the next one.
test('where answers of the pack kill the run, the documented query counts the same, at most two ticks later', async () => {
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
  [680, 'a catch-up needs more than half of a run of a minute'],
  [743, 'a flood uses up the time of a run'],
  [2506, 'lines are gone before a killed run is made up for'],
])('no rule is broken where, in schedule %i, %s', async (seed) => {
  expect((await runSeed(seed)).violations).toEqual([]);
});

test('fast-check draws for a number what is run by it, so that it can make it smaller', async () => {
  const [first] = fc.sample(schedules, { seed: 41, numRuns: 1 });
  expect(first).toEqual(scheduleOf(41));
  const isBroken = async ({ stories }: Schedule) => stories.length > 4;
  const smallest = await smallestBroken(41, isBroken);
  expect(smallest.stories).toHaveLength(5);
  expect([smallest.groupFaults, smallest.callFaults, smallest.storms]).toEqual([[], [], []]);
  expect([smallest.hostileActs, smallest.ledgerFaults]).toEqual([[], []]);
});
