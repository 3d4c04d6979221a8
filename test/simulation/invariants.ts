import { severityRank } from '../../lambda/findings/change.ts';
import type { Severity } from '../../lambda/findings/finding.ts';
import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import { isOwnDetection } from '../../lambda/findings/own-finding.ts';
import { lanes } from '../../lambda/lanes.ts';
import type { SliceRecord } from '../../lambda/ledger/slice-record.ts';
import { environment, logGroups, minuteMs, packRowsMax } from './config.ts';
import { flagsOf, type SimulatedEvent } from './logs.ts';
import type { FinishedWorld } from './run-schedule.ts';
import { silenceRings } from './silence.ts';

type Check = (world: FinishedWorld) => readonly string[];

/** All that has to hold when everything is over, and how often people were told twice. */
export function violations(world: FinishedWorld): {
  readonly sentences: readonly string[];
  readonly repeats: number;
} {
  const checks: readonly Check[] = [
    everyVisibleChangeIsNotified,
    eachChangeIsOneFinding,
    repeatsAreExplained,
    noFindingWithoutAnEvent,
    spansAndGapsHaveNoHole,
    everyLaneComesToItsEnd,
    matchesAddUp,
    eachFindingCountsOnce,
    nothingWaitsForEver,
    floodsAreTold,
    silenceRings,
  ];
  return {
    sentences: checks.flatMap((check) => check(world).map((text) => `${check.name}: ${text}`)),
    repeats: [...repeatsById(world).values()].reduce((sum, count) => sum + count, 0),
  };
}

/** Every change of which a line is visible within the far sweep's reach is notified. */
function everyVisibleChangeIsNotified(world: FinishedWorld): string[] {
  const texts = world.services.told.map(({ text }) => text);
  return world.changes
    .filter(({ user, events }) => {
      const isDue = events.some((event) => mustBeSeen(world, event));
      return isDue && !world.lostUsers.has(user) && !texts.some((text) => names(text, user));
    })
    .map(({ user }) => `nobody was told of ${user}`);
}

/** All lines of one change are one finding, however late they came and wherever slices fell. */
function eachChangeIsOneFinding({ services, changes }: FinishedWorld): string[] {
  const records = [...services.records.values()];
  return changes.flatMap(({ user }) => {
    const ids = records.filter(({ finding }) => finding.target === user).map((r) => r.finding.id);
    return ids.length > 1 ? [`${user} has ${ids.length} findings: ${ids.join(', ')}`] : [];
  });
}

/** People are told once, again only when it got worse or when a publish's outcome is unknown. */
function repeatsAreExplained(world: FinishedWorld): string[] {
  return [...repeatsById(world)].flatMap(([id, repeats]) => {
    const { unknownPublishes = 0 } = world.services.records.get(id) ?? {};
    return repeats > unknownPublishes
      ? [`finding ${id} was repeated ${repeats} times, ${unknownPublishes} publishes are unknown`]
      : [];
  });
}

function repeatsById({ services }: FinishedWorld): Map<string, number> {
  const worst = new Map<string, Severity>();
  const repeats = new Map<string, number>();
  for (const { id, severity } of services.told.flatMap(({ findings }) => findings)) {
    const before = worst.get(id);
    const isWorse =
      before === undefined || severityRank(severity as Severity) > severityRank(before);
    if (isWorse) worst.set(id, severity as Severity);
    else repeats.set(id, (repeats.get(id) ?? 0) + 1);
  }
  return repeats;
}

/** Each line of evidence was written. */
function noFindingWithoutAnEvent({ services, changes }: FinishedWorld): string[] {
  const written = new Set(
    changes.flatMap(({ events }) => events.map((e) => `${e.timestamp} ${e.logGroup} ${e.message}`)),
  );
  return privilegeRecords(services.records).flatMap(({ finding }) =>
    finding.evidence
      .filter((e) => !written.has(`${Date.parse(e.timestamp)} ${e.logGroup} ${e.message}`))
      .map(({ message }) => `finding ${finding.id} rests on a line that nobody wrote: ${message}`),
  );
}

/** For each group and lane, scanned spans and published gaps together have no hole. */
function spansAndGapsHaveNoHole({ services }: FinishedWorld): string[] {
  return logGroups.flatMap((logGroup) =>
    lanes.flatMap((lane) => {
      const mark = services.marks.get(`lane#${lane}#${logGroup}`);
      const slices = slicesOf(services.slices, logGroup, lane);
      let reached = mark?.since;
      for (const { startEpochMs, endEpochMs } of slices) {
        if (startEpochMs !== reached) return [`a hole in ${lane} of ${logGroup} at ${reached}`];
        reached = endEpochMs;
      }
      return reached === mark?.positionEpochMs
        ? []
        : [`${lane} of ${logGroup} stands at ${mark?.positionEpochMs}, read to ${reached}`];
    }),
  );
}

/** When the storm is over every lane of every group that is there has read all that it should. */
function everyLaneComesToItsEnd(world: FinishedWorld): string[] {
  const { services, config, lastTickEpochMs } = world;
  const periodMs = config.everyMinutes * minuteMs;
  return logGroups
    .filter((logGroup) => services.logs.groups.has(logGroup))
    .flatMap((logGroup) => {
      const at = services.marks.get(`lane#scan#${logGroup}`)?.positionEpochMs ?? 0;
      const due = lastTickEpochMs - config.settleMinutes * minuteMs - 2 * periodMs;
      return at >= due ? [] : [`scan of ${logGroup} is at ${new Date(at).toISOString()}`];
    });
}

/** The maxima of AddRoleMatches add up to what complete answers counted, each slice once. */
function matchesAddUp({ services }: FinishedWorld): string[] {
  return logGroups.flatMap((logGroup) => {
    const slices = slicesOf(services.slices, logGroup, 'scan').filter(
      (s) => s.outcome === 'scanned',
    );
    const counted = slices.reduce((sum, { matches = 0 }) => sum + matches, 0);
    const unanswered = slices.filter(
      (slice) => !services.logs.countsOf(slice).includes(slice.matches ?? -1),
    );
    const put = sumOfMaxima(services.metrics, 'AddRoleMatches', logGroup);
    return [
      ...unanswered.map(
        (s) => `slice ${s.startEpochMs} of ${logGroup}: no answer said ${s.matches}`,
      ),
      ...(put === counted
        ? []
        : [`${logGroup}: the metric adds up to ${put}, slices to ${counted}`]),
    ];
  });
}

/** Each finding at or above alertAt counts once in PrivilegeChanges. */
function eachFindingCountsOnce({ services }: FinishedWorld): string[] {
  const put = logGroups.reduce(
    (sum, logGroup) => sum + sumOfMaxima(services.metrics, 'PrivilegeChanges', logGroup),
    0,
  );
  const found = privilegeRecords(services.records).length;
  return put === found ? [] : [`PrivilegeChanges adds up to ${put}, there are ${found} findings`];
}

/** Nothing is left to be told, or half done. */
function nothingWaitsForEver({ services }: FinishedWorld): string[] {
  const waiting = [...services.records.values()].filter(
    ({ delivery }) => delivery.status === 'pending' || delivery.status === 'claimed',
  );
  return waiting.map(({ finding, delivery }) => `finding ${finding.id} is ${delivery.status}`);
}

/** A second that overflows is a critical finding. */
function floodsAreTold(world: FinishedWorld): string[] {
  const { services, changes, lostUsers } = world;
  const flooded = changes.filter(({ user }) => user.startsWith('flood'));
  const isRead =
    flooded.length > 0 &&
    flooded.every(
      ({ user, events }) => !lostUsers.has(user) && events.every((e) => isInReach(world, e)),
    );
  const isTold = [...services.records.values()].some(({ finding }) =>
    finding.detections.includes('log-flood'),
  );
  return isRead && !isTold ? ['a flood was not told'] : [];
}

function mustBeSeen(world: FinishedWorld, event: SimulatedEvent): boolean {
  const reachMs = world.config.farSweep.lagMinutes * minuteMs;
  const isVisibleInTime = event.visibleEpochMs - event.timestamp <= reachMs;
  return isVisibleInTime && isInReach(world, event) && !isInFlood(world, event);
}

/** Behind the first position of its group, and in no gap that was published. */
function isInReach({ services }: FinishedWorld, { logGroup, timestamp }: SimulatedEvent): boolean {
  const since = services.marks.get(`lane#scan#${logGroup}`)?.since ?? Number.POSITIVE_INFINITY;
  const gaps = slicesOf(services.slices, logGroup, 'scan').filter((s) => s.outcome === 'gap');
  return (
    timestamp >= since &&
    !gaps.some((gap) => timestamp >= gap.startEpochMs && timestamp < gap.endEpochMs)
  );
}

/** Of a second that holds more than an answer, some lines may go unread. */
function isInFlood({ changes }: FinishedWorld, { logGroup, timestamp }: SimulatedEvent): boolean {
  const second = Math.floor(timestamp / 1000);
  const lines = changes
    .flatMap(({ events }) => events)
    .filter((e) => e.logGroup === logGroup && Math.floor(e.timestamp / 1000) === second)
    .filter(({ message }) => Object.values(flagsOf(message)).includes('1'));
  return lines.length >= packRowsMax;
}

function privilegeRecords(records: ReadonlyMap<string, FindingRecord>): FindingRecord[] {
  return [...records.values()].filter(({ finding }) => !isOwnDetection(finding.detections[0]));
}

function slicesOf(
  slices: ReadonlyMap<string, SliceRecord>,
  logGroup: string,
  lane: string,
): SliceRecord[] {
  return [...slices.values()]
    .filter((slice) => slice.logGroup === logGroup && slice.lane === lane)
    .sort((a, b) => a.startEpochMs - b.startEpochMs);
}

function sumOfMaxima(
  metrics: FinishedWorld['services']['metrics'],
  metricName: string,
  logGroup: string,
): number {
  const [series] = metrics
    .series()
    .filter(
      (s) =>
        s.metricName === metricName &&
        s.dimensions.LogGroup === logGroup &&
        s.dimensions.Environment === environment,
    );
  return (series?.points ?? []).reduce((sum, { statistics }) => sum + statistics.maximum, 0);
}

/** A user's name as a whole word. */
function names(text: string, user: string): boolean {
  return new RegExp(`\\b${user}\\b`).test(text);
}
