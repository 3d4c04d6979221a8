import { hourMs } from '../../../lambda/common/time.ts';
import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { type LogType, logGroupName } from '../../../lambda/model/log-types.ts';
import { dataOf, findingsIn } from '../ledger-view.ts';
import { simulatedEnvironment } from '../schedule/lines.ts';
import type { World } from '../world/world.ts';
import type { Invariant, Violations } from './invariant.ts';
import { isOwnSpoilt, isSpoilt } from './spoilt.ts';

/** Its own hour, the one before and the two after. */
const quietMs = 4 * hourMs;
/** Groups with these faults count as blind already. */
const neverSilent: readonly LogType[] = ['DAGProcessing', 'Scheduler'];

export const silencesAreTold: Invariant = {
  rule: 'a log group that falls silent against its history is reported once, and no other is',
  watch: (world) => {
    const missed = new Set<string>();
    /** Silences that the monitor considers reported. */
    const remembered = new Set<string>();
    return {
      see: ({ writes }) => {
        for (const { after } of writes) {
          if (after?.pk?.S !== 'state') continue;
          const { silence } = dataOf<{
            silence?: { judgedUntilEpochMs?: number; told: Record<string, number> };
          }>(after);
          const untilEpochMs = silence?.judgedUntilEpochMs;
          if (untilEpochMs === undefined) continue;
          for (const [name, since] of Object.entries(silence?.told ?? {})) {
            remembered.add(silenceName(name, new Date(since).toISOString()));
          }
          for (const name of mustBeTold(world, untilEpochMs)) {
            world.strikes.countOnce('group-silent-for-hours', name);
            if (silence?.told[name] === undefined) missed.add(name);
          }
        }
        return [];
      },
      atEnd: () => {
        if (isOwnSpoilt(world) || isSpoilt(world, 'state')) return [];
        const found = findingsIn(world.dynamo).filter(
          ({ finding }) => finding.detections[0] === 'log-group-silent',
        );
        const out = new Set(world.messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
        const told = new Set(
          found
            .filter(({ finding }) => out.has(finding.id))
            .map(({ logGroup, finding }) => silenceName(logGroup, finding.firstSeen)),
        );
        return [
          ...[...missed].map((name) => `nobody was told that ${name} fell silent`),
          ...[...remembered]
            .filter((silence) => !told.has(silence))
            .map((silence) => `${silence}: taken for told, and was not`),
          ...found.flatMap((record) => falseSilence(world, record)),
          ...twice(found),
        ];
      },
    };
  },
};

/** Of groups that nothing else befalls: those that were silent in all of the last hours. */
function mustBeTold({ groups, schedule, config }: World, untilEpochMs: number): string[] {
  const names = [...groups.keys()];
  const faultsOf = (at: number) => schedule.groupFaults.filter(({ group }) => group === at);
  const isAnyWell = names.some((_, at) => faultsOf(at).length === 0);
  const spared = neverSilent.map((logType) => logGroupName(simulatedEnvironment, logType));
  return names.filter((name, at) => {
    const [fault, ...others] = faultsOf(at);
    if (fault?.kind !== 'group-silent' || others.length > 0) return false;
    const group = groups.get(name);
    const from = untilEpochMs - quietMs;
    const isQuiet = group?.busyMs(from, untilEpochMs) === 0;
    // What a schedule of days wrote or did not write before is its history as well.
    const isOneDay = config.everyMinutes <= 60;
    return (
      isQuiet &&
      isOneDay &&
      isAnyWell &&
      !spared.includes(name) &&
      group.incoming(from, untilEpochMs) === 0
    );
  });
}

function silenceName(logGroup: string, since: string): string {
  return `${logGroup} since ${since}`;
}

function falseSilence({ groups }: World, { finding }: FindingRecord): Violations {
  const [name = ''] = [...groups.keys()].filter((group) => finding.title.includes(`${group} fell`));
  const group = groups.get(name);
  const [from, to] = [Date.parse(finding.firstSeen), Date.parse(finding.lastSeen)];
  // Six minutes of the first hour and of the last may be without an event.
  const isQuiet = group !== undefined && group.busyMs(from, to) < hourMs / 5;
  return isQuiet && group.incoming(from, to) === 0 ? [] : [`${finding.title}: it did not`];
}

function twice(found: readonly FindingRecord[]): Violations {
  const bySilence = Map.groupBy(found, ({ logGroup, finding }) =>
    silenceName(logGroup, finding.firstSeen),
  );
  return [...bySilence].flatMap(([silence, all]) =>
    all.length > 1 ? [`${silence}: its silence is told by ${all.length} findings`] : [],
  );
}
