import fc from 'fast-check';
import {
  busFaultKinds,
  callFaultKinds,
  downServices,
  groupFaultKinds,
  ledgerFaultKinds,
  ledgerPlaces,
  packFaultKinds,
  queryFaultKinds,
  tickFaultKinds,
} from '../faults/fault-kinds.ts';
import { besideSteps, type Step, steps, writeSteps } from '../faults/steps.ts';
import { endTimes, sameSeconds } from '../services/insights.ts';
import { rowForms } from '../services/result-rows.ts';
import { attackers, floodKinds, type HostileKind, hostileKinds } from './hostile-grammar.ts';
import {
  type CallFault,
  type ChangeStory,
  downtimeManners,
  type HostileAct,
  kindsInGroup,
  type LedgerFault,
  type PackFault,
  type ScarceMemorySpan,
  type Schedule,
  type Stall,
  storyKinds,
  type WorldSettings,
} from './schedule.ts';

const minTicks = 24;
const maxTicks = 27;

/**
 * Sweeps that suit a period: how often, and how far back. In some of them the slices of all lanes end
 * together, as those of the product's own settings do at each full hour.
 */
const rhythms = [
  { everyMinutes: 1, near: [6, 5], far: [12, 20], slices: [30, 120] },
  { everyMinutes: 1, near: [6, 6], far: [12, 24], slices: [30, 120] },
  { everyMinutes: 5, near: [20, 20], far: [60, 90], slices: [60, 240] },
  { everyMinutes: 5, near: [60, 60], far: [60, 120], slices: [60, 240] },
  { everyMinutes: 15, near: [60, 60], far: [180, 240], slices: [120, 480] },
  { everyMinutes: 60, near: [240, 180], far: [480, 480], slices: [360, 1440] },
  { everyMinutes: 360, near: [1440, 720], far: [1440, 2160], slices: [1440] },
] as const;

const permille = fc.integer({ min: 0, max: 1000 });
/** Mostly nothing, so that what is drawn shows clearly. */
const seldom = (max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max }) },
  );
const settings: fc.Arbitrary<WorldSettings> = fc
  .constantFrom(...rhythms)
  .chain(({ everyMinutes, near, far, slices }) =>
    fc.record({
      everyMinutes: fc.constant(everyMinutes),
      settleMinutes: fc.integer({ min: 1, max: 5 }),
      correlateSeconds: fc.constantFrom(10, 30, 180, 300),
      maxSliceMinutes: fc.constantFrom(...slices),
      nearSweep: fc.constant({ everyMinutes: near[0], lagMinutes: near[1] }),
      farSweep: fc.constant({ everyMinutes: far[0], lagMinutes: far[1] }),
      ticks: fc.integer({ min: minTicks, max: maxTicks }),
      packRowsMax: fc.constantFrom(12, 12, 60, 60, 60, 500),
      clockSkewMaxMs: fc.constantFrom(0, 2_000),
      rowForms: fc.constantFrom(...rowForms),
      endTime: fc.constantFrom(...endTimes),
      sameSecond: fc.constantFrom('accepted', 'accepted', 'accepted', ...sameSeconds),
      pageBytes: fc.constantFrom(2_000, 1_000_000),
      doubtfulPermille: fc.constantFrom(20, 20, 20, 600),
    }),
  );

const group = fc.integer({ min: 0, max: 4 });
const tick = fc.integer({ min: 0, max: minTicks - 1 });

/** Around the end of a slice, most often within the second before it. */
const edge = fc.record({
  of: fc.constantFrom('scan', 'sweeps'),
  ms: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(-999, -1, 0, 1, 999) },
    { weight: 2, arbitrary: fc.integer({ min: -999, max: -1 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_001 }) },
  ),
});

const story = fc.record({
  kind: fc.constantFrom(...storyKinds),
  group,
  stream: fc.integer({ min: 0, max: 2 }),
  at: permille,
  edge: fc.option(edge, { nil: undefined, freq: 2 }),
  gap: seldom(900),
  lag: seldom(1_050),
  lastLag: seldom(1_050),
  copies: fc.constantFrom(1, 1, 1, 3),
  role: fc.constantFrom('Admin', 'Viewer'),
});

/** Fits the story to its log group: a kind that cannot appear there becomes another one. */
function fitted(story: ChangeStory): ChangeStory {
  const kinds = kindsInGroup[story.group] ?? storyKinds;
  if (kinds.includes(story.kind)) return story;
  return { ...story, kind: kinds[storyKinds.indexOf(story.kind) % kinds.length] ?? story.kind };
}

const noise = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      group,
      at: permille,
      lines: fc.integer({ min: 1, max: 30 }),
      seconds: fc.integer({ min: 1, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      group,
      at: permille,
      lines: fc.integer({ min: 13, max: 20 }),
      seconds: fc.constant(1),
    }),
  },
);

/** Drawn twice as often as others, because each must strike at every step that writes. */
const killKinds = ['killed-before-effect', 'killed-after-effect'] as const;

/** A fault of a call, at a step where it can strike. */
const callFault: fc.Arbitrary<CallFault> = fc
  .constantFrom(...callFaultKinds, ...killKinds, ...queryFaultKinds)
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      tick,
      step: fc.constantFrom(...stepsOf(kind)),
      skip: fc.integer({ min: 0, max: 5 }),
    }),
  )
  // Marks begin in the first tick, or never.
  .map((fault) => (fault.step === 'begin-mark' ? { ...fault, tick: 0 } : fault));

function stepsOf(kind: CallFault['kind']): readonly Step[] {
  switch (kind) {
    case 'unprocessed-items':
      return ['save-seen-events'];
    case 'message-refused':
      return ['Publish'];
    case 'killed-before-effect':
    case 'killed-after-effect':
      return writeSteps;
    case 'lost-on-the-way-out':
    case 'lost-on-the-way-back':
    case 'throttled':
      return steps;
    default:
      return ['StartQuery'];
  }
}

/** A flood's lines, in answers: at most 60,000 lines where an answer holds 10,000. */
const floodAnswersMax = 6;

/** Kinds of act that need few lines, because one line is enough. */
const heavyKinds: readonly HostileKind[] = ['huge-line', 'many-in-one-line'];

const hostileAct: fc.Arbitrary<HostileAct> = fc
  .record({
    kind: fc.constantFrom(...hostileKinds),
    attacker: fc.constantFrom(...attackers),
    number: fc.integer({ min: 0, max: 4 }),
    at: permille,
    near: fc.option(fc.nat(13), { nil: undefined, freq: 2 }),
    cover: fc.boolean(),
    lines: fc.integer({ min: 1, max: 6 }),
    seconds: fc.integer({ min: 1, max: 60 }),
    isMany: fc.integer({ min: 0, max: 24 }),
    many: fc.integer({ min: 20, max: 90 }),
  })
  .map(({ isMany, many, ...act }) => {
    if (heavyKinds.includes(act.kind)) return { ...act, lines: 1 + (act.lines % 2) };
    if (!floodKinds.includes(act.kind)) return act;
    const lines = isMany === 0 ? many * 30 : many;
    const seconds = act.kind === 'flood-in-a-second' ? 1 : 60;
    return { ...act, lines, seconds, near: undefined, cover: false };
  });

const ledgerFault: fc.Arbitrary<LedgerFault> = fc
  .record({
    kind: fc.constantFrom(...ledgerFaultKinds),
    place: fc.constantFrom(...ledgerPlaces),
    tick,
    amount: permille,
  })
  .map((fault) => (fault.kind === 'pointed-at-nothing' ? { ...fault, place: 'finding' } : fault));

const tickFault = fc.record({ kind: fc.constantFrom(...tickFaultKinds), tick, amount: permille });

const groupFault = fc
  .record({ kind: fc.constantFrom(...groupFaultKinds), group, from: permille, lasts: permille })
  .map(({ from, lasts, ...fault }) => ({ ...fault, from, to: Math.min(1000, from + lasts) }));

const packFault: fc.Arbitrary<PackFault> = fc
  .record({
    kind: fc.constantFrom(...packFaultKinds, 'detections-refused'),
    detections: fc.oneof(
      { weight: 2, arbitrary: fc.array(fc.nat(99), { minLength: 1, maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(fc.nat(99), { minLength: 2, maxLength: 5, size: 'max' }) },
      { weight: 1, arbitrary: fc.constant(Array.from({ length: 100 }, (_, at) => at)) },
    ),
    most: fc.integer({ min: 2, max: 14 }),
    from: permille,
    lasts: fc.integer({ min: 50, max: 1000 }),
  })
  .map(({ from, lasts, ...fault }) => ({ ...fault, from, to: Math.min(1000, from + lasts) }));

const downtime = fc.record({
  service: fc.constantFrom(...downServices),
  manner: fc.constantFrom(...downtimeManners),
  from: permille,
  minutes: fc.integer({ min: 1, max: 20 }),
});

const storm = fc
  .record({ from: permille, lasts: permille, struckPermille: fc.integer({ min: 2, max: 40 }) })
  .map(({ from, lasts, struckPermille }) => ({
    ...{ from, struckPermille },
    to: Math.min(1000, from + Math.floor(lasts / 3)),
  }));

const scarceMemory = fc
  .record({
    from: fc.integer({ min: 0, max: 700 }),
    lasts: fc.integer({ min: 100, max: 500 }),
    answerBytesMax: fc.constantFrom(1_500, 3_000, 6_000),
  })
  .map(({ from, lasts, answerBytesMax }) => ({
    ...{ from, answerBytesMax },
    to: Math.min(1000, from + lasts),
  }));

const stall = fc.record({ tick, callsBefore: fc.integer({ min: 0, max: 60 }) });

const putFault: fc.Arbitrary<CallFault> = fc.record({
  kind: fc.constantFrom(...busFaultKinds),
  tick,
  step: fc.constantFrom(...besideSteps),
  skip: fc.integer({ min: 0, max: 2 }),
});

const some = <T>(arbitrary: fc.Arbitrary<T>, minLength: number, maxLength: number) =>
  fc.array(arbitrary, { minLength, maxLength, size: 'max' });

/** How long before a fault a log group gets its last lines. */
const lastWord = fc.record({ story, back: fc.integer({ min: 0, max: 150 }) });

/** Faults of the pack stay: none of them may affect the documented query. */
const calm = {
  ...{ tickFaults: [], outages: [], callFaults: [], groupFaults: [], downtimes: [], storms: [] },
  ...{ retentionDays: undefined, stalls: [] },
};

/** Every schedule has at least one fault: the fault of a tick always strikes. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    seed: fc.nat(),
    settings,
    stories: some(story, 3, 14),
    noise: some(noise, 0, 2),
    hostileActs: fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: fc.constant<HostileAct[]>([]) },
      { weight: 1, arbitrary: some(hostileAct, 1, 4) },
    ),
    ledgerFaults: fc.oneof(
      { withCrossShrink: true },
      { weight: 3, arbitrary: fc.constant<LedgerFault[]>([]) },
      { weight: 1, arbitrary: some(ledgerFault, 1, 3) },
    ),
    packFaults: fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: fc.constant<PackFault[]>([]) },
      { weight: 1, arbitrary: some(packFault, 1, 2) },
    ),
    /** Nothing else happens, so that the effect of hostile lines or refusals alone shows. */
    isCalm: fc.boolean(),
    tickFaults: some(tickFault, 1, 4),
    outages: some(fc.record({ beforeTick: tick, hours: fc.integer({ min: 2, max: 8 }) }), 0, 1),
    callFaults: some(callFault, 0, 8),
    groupFaults: some(groupFault, 0, 2),
    lastWords: some(lastWord, 0, 3),
    downtimes: some(downtime, 0, 2),
    storms: some(storm, 0, 1),
    scarceMemory: fc.oneof(
      { withCrossShrink: true },
      { weight: 11, arbitrary: fc.constant<ScarceMemorySpan[]>([]) },
      { weight: 1, arbitrary: some(scarceMemory, 1, 1) },
    ),
    retentionDays: fc.option(fc.constantFrom(1, 3), { nil: undefined, freq: 4 }),
    stalls: fc.oneof(
      { withCrossShrink: true },
      { weight: 5, arbitrary: fc.constant<Stall[]>([]) },
      { weight: 1, arbitrary: some(stall, 1, 2) },
    ),
    // Drawn last, so that it changes nothing else of a seed's schedule.
    bus: fc.option(
      fc.record({
        callFaults: some(putFault, 0, 6),
        downtimes: some(
          downtime.map((one) => ({ ...one, service: 'events' as const })),
          0,
          1,
        ),
        hasChat: fc.boolean(),
      }),
      { nil: undefined, freq: 2 },
    ),
  })
  .map(({ isCalm, hostileActs, ...schedule }) => {
    const { packRowsMax } = schedule.settings;
    const calmBus = { bus: schedule.bus && { ...schedule.bus, callFaults: [], downtimes: [] } };
    const acts = hostileActs.map((act) => ({
      ...act,
      lines: Math.min(act.lines, floodAnswersMax * packRowsMax),
    }));
    return {
      ...schedule,
      hostileActs: acts,
      ...(isCalm && acts.length > 0 && { ...calm, ...calmBus, scarceMemory: [] }),
      ...(isCalm && schedule.packFaults.length > 0 && { ...calm, ...calmBus }),
    };
  })
  .map(({ lastWords, ...schedule }) => ({
    ...schedule,
    stories: [
      ...schedule.stories,
      ...schedule.groupFaults.flatMap(({ group: index, from }) =>
        lastWords.map((word) => ({
          ...word.story,
          ...{ group: index, at: Math.max(0, from - word.back), lag: 0, lastLag: 0 },
        })),
      ),
    ].map(fitted),
  }));

/** The schedule of a seed: the same one each time. */
export function scheduleOf(seed: number): Schedule {
  const [schedule] = fc.sample(schedules, { seed, numRuns: 1 });
  if (schedule === undefined) throw new Error(`no schedule was drawn for ${seed}`);
  return schedule;
}

/** Settings that are given for a whole run instead of drawn. */
export type ForcedSettings = Partial<Pick<WorldSettings, 'endTime'>>;

export function withSettings(schedule: Schedule, forced: ForcedSettings): Schedule {
  return { ...schedule, settings: { ...schedule.settings, ...forced } };
}

/**
 * The smallest schedule fast-check finds that breaks as the seed's does; the seed's own if none.
 */
export async function smallestBroken(
  seed: number,
  isBroken: (schedule: Schedule) => Promise<boolean>,
): Promise<Schedule> {
  const stays = fc.asyncProperty(schedules, async (schedule) => !(await isBroken(schedule)));
  const { counterexample } = await fc.check(stays, { seed, numRuns: 1 });
  return counterexample?.[0] ?? scheduleOf(seed);
}
