import type { LogLine } from '../log-line.ts';
import { SeededRandom } from '../seeded-random.ts';
import { rowFaults } from '../services/result-rows.ts';
import { type Attacker, hostileTexts } from './hostile-grammar.ts';
import { type ChangePlan, simulatedGroups, webStream } from './lines.ts';
import type { HostileAct, Schedule } from './schedule.ts';
import type { Timeline } from './timeline.ts';

interface Place {
  readonly logGroup: string;
  readonly logStream: string;
}

const [dagProcessing = '', , task = '', webServer = ''] = simulatedGroups;
/** Milliseconds around a change's first line in which the lines that target it appear. */
const aroundMs = { before: 5_000, behind: 12_000 };

/** What all attackers of a schedule write. */
export function hostileLines(
  schedule: Schedule,
  timeline: Timeline,
  changes: readonly ChangePlan[],
): LogLine[] {
  return schedule.hostileActs.flatMap((act, index) => {
    const random = new SeededRandom(schedule.seed, 'hostile', index);
    const change = act.near === undefined ? undefined : changes[act.near % changes.length];
    return linesOf(act, change, timeline, random);
  });
}

function linesOf(
  act: HostileAct,
  change: ChangePlan | undefined,
  timeline: Timeline,
  random: SeededRandom,
): LogLine[] {
  const { kind, attacker, lines: count, seconds } = act;
  const [first] = change?.lines ?? [];
  const place = placeOf(act, first);
  const from =
    first === undefined
      ? Math.floor(timeline.at(act.at) / 1000) * 1000
      : first.epochMs - random.int(0, aroundMs.before);
  const spanMs = first === undefined ? seconds * 1000 : aroundMs.before + aroundMs.behind;
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const epochMs = from + random.int(0, spanMs - 1);
    const victim = change?.user ?? 'user000';
    const occasion = { random, attacker: writerIn(place, attacker), epochMs, index, count, victim };
    return hostileTexts(kind, occasion).map((message, at): LogLine => {
      const ingestedEpochMs = epochMs + at + random.int(200, 5_000);
      const visibleEpochMs = ingestedEpochMs + random.int(100, 15_000);
      return {
        ...place,
        ...{ epochMs: epochMs + at, message, ingestedEpochMs, visibleEpochMs, hostile: kind },
        rowFault: kind === 'unreadable-row' ? random.pick(rowFaults) : undefined,
      };
    });
  });
}

/** A stream of the attacker's own, in a log group he can write to or in that of the change. */
function placeOf({ attacker, number, cover }: HostileAct, near: LogLine | undefined): Place {
  if (near !== undefined && cover) return { logGroup: near.logGroup, logStream: near.logStream };
  const logStream = `dag_id=evil${number}/run_id=manual/task_id=t/attempt=1.log`;
  switch (attacker) {
    case 'web':
      return { logGroup: webServer, logStream: webStream };
    case 'dag-file':
      return { logGroup: dagProcessing, logStream: `scheduler_evil${number}.py.log` };
    case 'task':
      return { logGroup: near === undefined ? task : near.logGroup, logStream };
  }
}

function writerIn({ logStream }: Place, attacker: Attacker): Attacker {
  if (logStream === webStream) return 'web';
  return attacker === 'web' ? 'task' : attacker;
}
