import { turnOf } from '../../../infra/config/schedule.ts';
import { minuteMs } from '../../../lambda/common/time.ts';
import { logGroupName } from '../../../lambda/model/log-types.ts';
import { laneTarget, type RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { marksIn } from '../ledger-view.ts';
import { taskFormats } from '../schedule/log-formats.ts';
import { SeededRandom } from '../seeded-random.ts';
import { VirtualTime } from '../virtual-time.ts';
import { AccountQuota, type Running } from './account-quota.ts';
import { FleetMember, type FleetWorld } from './fleet-member.ts';

export interface FleetPlan {
  readonly monitors: number;
  /** Queries that the account may run at once. */
  readonly queriesMax: number;
  readonly minutesBefore: number;
  readonly outageMinutes: number;
  readonly minutesAfter: number;
  /** What is out: CloudWatch Logs, or the ticks. */
  readonly outage: 'logs' | 'ticks';
  /** Whether each monitor has its own turn, or all tick in the same second. */
  readonly turns: 'own' | 'same';
}

const everyMinutes = 5;
const settleMinutes = 5;
const changeEveryMinutes = 15;
/** An event arrives within seconds of its time. */
const deliveryMs = { min: 300, max: 2_500 };
/** The sweeps look back less far than by default, so that the simulated hours hold some. */
const settings: Omit<RuntimeConfig, 'mwaaEnvironment' | 'findingsTopicArn' | 'ledgerTableName'> = {
  ...{ everyMinutes, settleMinutes, maxSliceMinutes: 60, silentAfterHours: 1 },
  ...{ initialLookbackHours: 0, correlateSeconds: 180, alertAt: 'medium' },
  nearSweep: { everyMinutes: 60, lagMinutes: 30 },
  farSweep: { everyMinutes: 60, lagMinutes: 60 },
};

/** What became of a fleet: plain data. */
export interface FleetResult {
  readonly plan: FleetPlan;
  /** Begin, begin of the outage, its end, and the end, in epoch milliseconds. */
  readonly times: readonly [number, number, number, number];
  readonly changes: number;
  /** Changes that nobody was notified of. */
  readonly lost: readonly string[];
  /** Changes that people were notified of more than once. */
  readonly repeated: readonly string[];
  /** Lanes of log groups that are not at their target at the end. */
  readonly behind: readonly string[];
  /** By tick (minutes since the begin), the largest scan lag of all monitors, in seconds. */
  readonly worstLagSeconds: readonly (readonly [number, number])[];
  /** Of each monitor, the minutes from the outage's end to its first tick without a backlog. */
  readonly catchUpMinutes: readonly number[];
  readonly running: readonly Running[];
  readonly refused: readonly (readonly [string, number])[];
  readonly killed: number;
}

/** Runs all monitors of an account through an outage, in virtual time. */
export async function runFleet(plan: FleetPlan): Promise<FleetResult> {
  const beginEpochMs = Date.parse('2026-03-02T06:20:00Z');
  const outEpochMs = beginEpochMs + plan.minutesBefore * minuteMs;
  const backEpochMs = outEpochMs + plan.outageMinutes * minuteMs;
  const endEpochMs = backEpochMs + plan.minutesAfter * minuteMs;
  const isOut = (epochMs: number) => epochMs >= outEpochMs && epochMs < backEpochMs;
  const time = new VirtualTime(beginEpochMs - minuteMs);
  const quota = new AccountQuota(plan.queriesMax);
  const world = {
    ...{ time, quota },
    isLogsDown: (epochMs: number) => plan.outage === 'logs' && isOut(epochMs),
  };
  const members = Array.from({ length: plan.monitors }, (_, at) =>
    memberOf(world, plan, `team-${at}-airflow`, beginEpochMs),
  );
  const random = new SeededRandom('fleet');
  let lastTicks = new Map<FleetMember, number>();
  const changes = members.flatMap((member) => {
    const ticks = ticksOf(member, beginEpochMs, endEpochMs).filter(
      (tick) => plan.outage === 'logs' || !isOut(tick),
    );
    for (const tick of ticks) {
      time.at(tick + random.int(deliveryMs.min, deliveryMs.max), () => member.invoke(tick));
    }
    const lastTick = ticks.at(-1) ?? beginEpochMs;
    lastTicks = new Map([...lastTicks, [member, lastTick]]);
    // What the last tick can report: it reads up to the settling time before it.
    return writeChanges(world, member, random, beginEpochMs, lastTick);
  });
  await time.runUntil(endEpochMs + 10 * minuteMs);
  return {
    plan,
    times: [beginEpochMs, outEpochMs, backEpochMs, endEpochMs],
    ...notified(members, changes),
    behind: members.flatMap((member) => behindOf(member, lastTicks.get(member) ?? 0)),
    worstLagSeconds: worstLags(members, beginEpochMs),
    catchUpMinutes: members.map((member) => catchUpOf(member, backEpochMs)),
    running: quota.running(),
    refused: [...quota.refused],
    killed: members.reduce((sum, { killed }) => sum + killed, 0),
  };
}

function memberOf(
  world: FleetWorld,
  { turns }: FleetPlan,
  mwaaEnvironment: string,
  beginEpochMs: number,
): FleetMember {
  const turn =
    turns === 'own' ? turnOf(mwaaEnvironment, everyMinutes) : { offsetMinutes: 0, delaySeconds: 0 };
  return new FleetMember(world, { ...settings, mwaaEnvironment, ...turn }, beginEpochMs);
}

function ticksOf({ config }: FleetMember, fromEpochMs: number, toEpochMs: number): number[] {
  const periodMs = everyMinutes * minuteMs;
  const first = fromEpochMs + (config.offsetMinutes ?? 0) * minuteMs;
  const count = Math.ceil((toEpochMs - first) / periodMs);
  return Array.from({ length: count }, (_, at) => first + at * periodMs);
}

/** Writes a change of privileges every quarter of an hour. @returns the users who got a role */
function writeChanges(
  { time }: FleetWorld,
  { config, groups }: FleetMember,
  random: SeededRandom,
  beginEpochMs: number,
  lastTickEpochMs: number,
): string[] {
  const logGroup = logGroupName(config.mwaaEnvironment, 'Task');
  const users: string[] = [];
  const untilEpochMs = lastTickEpochMs - (settleMinutes + 5) * minuteMs;
  const stepMs = changeEveryMinutes * minuteMs;
  for (let from = beginEpochMs; from + stepMs <= untilEpochMs; from += stepMs) {
    const epochMs = from + random.int(0, stepMs - 1);
    const user = `user-${config.mwaaEnvironment}-${users.length}`;
    const [format = (text: string) => text] = taskFormats;
    users.push(user);
    const line = {
      ...{ logGroup, epochMs, ingestedEpochMs: epochMs, visibleEpochMs: epochMs + 1_000 },
      logStream: `dag_id=grant/run_id=r${users.length}/task_id=t/attempt=1.log`,
      message: format(`User "${user}" added to role "Viewer"`, epochMs),
    };
    time.at(epochMs, () => groups.get(logGroup)?.write(line));
  }
  return users;
}

function notified(
  members: readonly FleetMember[],
  changes: readonly string[],
): Pick<FleetResult, 'changes' | 'lost' | 'repeated'> {
  const counts = new Map<string, number>();
  for (const { messages } of members) {
    for (const { target = '' } of messages.flatMap(({ findings }) => findings)) {
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
  }
  return {
    changes: changes.length,
    lost: changes.filter((user) => !counts.has(user)),
    repeated: changes.filter((user) => (counts.get(user) ?? 0) > 1),
  };
}

function behindOf({ dynamo, config }: FleetMember, lastTickEpochMs: number): string[] {
  return marksIn(dynamo)
    .filter(
      ({ lane, positionEpochMs, claim }) =>
        claim !== undefined || positionEpochMs < laneTarget(lane, lastTickEpochMs, config),
    )
    .map(({ lane, logGroup }) => `${lane} of ${logGroup}`);
}

function worstLags(members: readonly FleetMember[], beginEpochMs: number): [number, number][] {
  const worst = new Map<number, number>();
  for (const { cloudWatch } of members) {
    for (const [epochMs, lagSeconds] of cloudWatch.maxima('ScanLag')) {
      const minute = (epochMs - beginEpochMs) / minuteMs;
      worst.set(minute, Math.max(lagSeconds, worst.get(minute) ?? 0));
    }
  }
  return [...worst].toSorted(([a], [b]) => a - b);
}

/** @returns Infinity for a monitor that never catches up */
function catchUpOf({ cloudWatch }: FleetMember, backEpochMs: number): number {
  const ticks = [...cloudWatch.maxima('ScanLag')]
    .filter(([epochMs, lag]) => epochMs >= backEpochMs && lag <= settleMinutes * 60)
    .map(([epochMs]) => epochMs);
  return (Math.min(...ticks) - backEpochMs) / minuteMs;
}
