import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { isOwnDetection } from '../../../lambda/findings/own-finding.ts';
import { findingsIn } from '../ledger-view.ts';
import { userIn } from '../schedule/lines.ts';
import { readMessage, type ToldFinding } from '../services/sns.ts';
import { isAbout } from '../told-changes.ts';
import type { World } from '../world/world.ts';
import { findingWrites } from './finding-writes.ts';
import { fine, type Invariant, type Violations } from './invariant.ts';
import { isSpoiltAbout, isSpoiltChange } from './spoilt.ts';

export const claimBeforePublish: Invariant = {
  rule: 'nothing is published without a claim, at most once per claim, and no claim is taken over before it expires',
  watch: (world) => {
    const records = new Map<string, FindingRecord>();
    const published = new Set<string>();
    const { clockSkewMaxMs } = world.schedule.settings;
    return {
      see: (effect) => {
        const problems: string[] = [];
        for (const { now, before } of findingWrites(effect)) {
          records.set(now.finding.id, now);
          if (before !== undefined && isStolen(before, now, effect.epochMs + 2 * clockSkewMaxMs)) {
            problems.push(`the claim of ${now.finding.id} was taken over before its time`);
          }
        }
        if (effect.step !== 'Publish' || effect.error !== undefined) return problems;
        for (const { id = '' } of readMessage(effect.input as PublishCommandInput).findings) {
          const delivery = records.get(id)?.delivery;
          if (delivery?.status !== 'claimed') {
            problems.push(`${id} was published without a claim`);
            continue;
          }
          const claim = `${id} ${delivery.claimId}`;
          if (published.has(claim)) problems.push(`${id} was published twice by one claim`);
          published.add(claim);
        }
        return problems;
      },
    };
  },
};

/** A write repeated because its answer was lost is no take-over. */
function isTakenOver({ delivery: before }: FindingRecord, { delivery: now }: FindingRecord) {
  return before.status === 'claimed' && now.status === 'claimed' && now.claimId !== before.claimId;
}

function isStolen(before: FindingRecord, now: FindingRecord, clockEpochMs: number): boolean {
  const { delivery } = before;
  return (
    isTakenOver(before, now) &&
    delivery.status === 'claimed' &&
    delivery.untilEpochMs > clockEpochMs
  );
}

export const toldOnce: Invariant = {
  rule: 'each finding is notified once per severity and set of names, except for counted publishes of unknown outcome',
  watch: (world) => {
    const takenOver = new Map<string, number>();
    return {
      see: (effect) => {
        for (const { now, before } of findingWrites(effect)) {
          const { id } = now.finding;
          if (before !== undefined && isTakenOver(before, now))
            takenOver.set(id, (takenOver.get(id) ?? 0) + 1);
        }
        return fine;
      },
      atEnd: () =>
        findingsIn(world.dynamo).flatMap((record) =>
          tellingProblems(world, record, takenOver.get(record.finding.id) ?? 0),
        ),
    };
  },
};

function tellingProblems(world: World, record: FindingRecord, takenOver: number): string[] {
  const { finding, unknownPublishes } = record;
  const tellings = world.messages.flatMap(({ findings }) =>
    findings.filter(({ id }) => id === finding.id),
  );
  if (isSpoiltAbout(world, finding.id)) return [];
  const repeats = tellings.length - new Set(tellings.map(newsOf)).size;
  return [
    ...(repeats > unknownPublishes
      ? [`${finding.title}: ${repeats} repeats, and ${unknownPublishes} unknown publishes`]
      : []),
    ...(takenOver === unknownPublishes
      ? []
      : [`${finding.title}: ${takenOver} unknown publishes, and ${unknownPublishes} are counted`]),
  ];
}

/** A finding is sent again when it is worse or has more names. */
function newsOf({ severity, target, role }: Partial<ToldFinding>): string {
  return JSON.stringify([severity, target, role]);
}

/** How many findings were sent more than once, and how many of these repeats are explained. */
export function repeatsIn(world: World): {
  readonly repeats: number;
  readonly unknownPublishes: number;
} {
  const told = world.messages.flatMap(({ findings }) =>
    findings.map((finding) => `${finding.id} ${newsOf(finding)}`),
  );
  const unknown = findingsIn(world.dynamo).map(({ unknownPublishes }) => unknownPublishes);
  return {
    repeats: told.length - new Set(told).size,
    unknownPublishes: unknown.reduce((sum, count) => sum + count, 0),
  };
}

export const oneIdAChange: Invariant = {
  rule: 'a privilege change is one finding with one id',
  watch: (world) => ({
    atEnd: () => {
      const records = findingsIn(world.dynamo);
      return world.changes.flatMap((change) => {
        // Forged lines about the same user are changes of their own.
        if (change.isCovered || isSpoiltChange(world, change)) return [];
        const found = records.filter((record) => isAbout(record, change));
        return found.length > 1 ? [`${change.user} has ${found.length} findings`] : [];
      });
    },
  }),
};

export const noFindingWithoutEvent: Invariant = {
  rule: 'nobody is told of what no line of the log says',
  watch: (world) => ({
    see: ({ step, input, error, epochMs }) => {
      if (step !== 'Publish' || error !== undefined) return fine;
      const { findings } = readMessage(input as PublishCommandInput);
      return findings.flatMap((finding) => madeUp(world, finding, epochMs));
    },
  }),
};

function madeUp(
  world: World,
  { title = '', detections = [], evidence = [] }: ReturnType<typeof readMessage>['findings'][0],
  nowEpochMs: number,
): Violations {
  if (isOwnDetection(detections[0])) return fine;
  const user = userIn(title);
  const isThere =
    user === undefined ||
    world.lines.some(
      ({ message, visibleEpochMs }) => message.includes(user) && visibleEpochMs <= nowEpochMs,
    );
  const missing = evidence.filter(({ timestamp, ...rest }) => {
    const line = { ...rest, epochMs: Date.parse(timestamp) };
    if (world.isHostilePlace(line)) return false;
    const found = world.lineThatSays(line);
    return found === undefined || found.visibleEpochMs > nowEpochMs;
  });
  return isThere && missing.length === 0 ? fine : [`"${title}" is in no line of the log`];
}
