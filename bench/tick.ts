/**
 * Measures CPU time and peak memory of ordinary ticks of the deployed bundle against local
 * endpoints: without a match, with one change, and over a recorded session. `npm run bench:tick`.
 *
 * Options: `--against GIT_REF` also measures that version, alternating with this one, and prints
 * ratios; `--runs N` sets the runs of each (default 5). Exits with 1 when a median is above the
 * target.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { minuteMs } from '../lambda/common/time.ts';
import { logGroupName, logTypes } from '../lambda/model/log-types.ts';
import { loadSession, recordedSessions } from '../local/demo/session/load-session.ts';
import { planTicks } from '../local/demo/session/ticks.ts';
import { CannedEngine, type CannedEvent } from './lambda/canned-engine.ts';
import { floodedEnvironment, realGrant } from './lambda/floods.ts';
import type { Invocation } from './lambda/limited-lambda.ts';
import {
  type DeployedMonitor,
  deployMonitor,
  thisVersion,
  type Version,
  versionOf,
} from './lambda/synthesized.ts';

/** Maximum cost of a tick, relative to the other version. */
const cpuRatioMax = 1.5;

const megabyte = 1024 * 1024;
const tickMs = 5 * minuteMs;
/** Ticks of each kind per run; the first ones of a process compile its code and do not count. */
const ticksOfAKind = 8;
const warmTicks = 4;
const startEpochMs = Date.parse('2026-11-22T06:00:00Z');

interface Cost {
  readonly cpuMs: number;
  readonly peakMegabytes: number;
  readonly calls: number;
}

/** One run of a version: the median tick of each kind. */
type Run = ReadonlyMap<string, Cost>;

const { values } = parseArgs({
  options: { against: { type: 'string' }, runs: { type: 'string', default: '5' } },
});
const runs = Number(values.runs);

const versions: Version[] = [];
try {
  if (values.against !== undefined) versions.push(versionOf(values.against, floodedEnvironment));
  versions.push(thisVersion(floodedEnvironment));
  // Alternating, so that other load on the machine affects both versions.
  const measured = versions.map((): Run[] => []);
  for (let run = 0; run < runs; run += 1) {
    for (const [at, version] of versions.entries()) {
      measured[at]?.push(await measure(version));
      console.error(`run ${run + 1} of ${version.name}`);
    }
  }
  show(measured);
} finally {
  for (const version of versions) version.close();
}

async function measure(version: Version): Promise<Run> {
  const costs = new Map<string, Cost>();
  for (const [name, cost] of await ordinaryTicks(version)) costs.set(name, cost);
  for (const airflow of recordedSessions.keys()) {
    costs.set(`session of Airflow ${airflow}`, await sessionTicks(version, airflow));
  }
  return costs;
}

/** A cold start, then ticks without a match, then ticks with one change each. */
async function ordinaryTicks({ monitor }: Version): Promise<Map<string, Cost>> {
  const groups = logTypes.map((logType) => logGroupName(floodedEnvironment, logType));
  const changesFrom = startEpochMs + (warmTicks + ticksOfAKind) * tickMs;
  const changes = Array.from({ length: warmTicks + ticksOfAKind }, (_, at): CannedEvent[] =>
    // The tick after the next one reads its minute.
    realGrant(changesFrom + at * tickMs - 2 * tickMs + minuteMs),
  );
  const engine = await CannedEngine.open(groups, startEpochMs - 10 * tickMs, changes.flat());
  const deployed = await deployMonitor(monitor, engine, startEpochMs);
  try {
    const ticks: Invocation[] = [];
    for (let at = 0; at < 2 * (warmTicks + ticksOfAKind); at += 1) {
      ticks.push(await invoke(deployed, startEpochMs + at * tickMs));
    }
    const [quiet, changed] = [
      ticks.slice(0, warmTicks + ticksOfAKind),
      ticks.slice(warmTicks + ticksOfAKind),
    ];
    const told = deployed.endpoints.notifications.all().length;
    if (told < ticksOfAKind) throw new Error(`only ${told} of the changes were reported`);
    return new Map([
      ['first tick of a process', costOf(quiet.slice(0, 1))],
      ['no match', costOf(quiet.slice(warmTicks))],
      ['one change', costOf(changed.slice(warmTicks))],
    ]);
  } finally {
    await deployed.close();
    engine.close();
  }
}

async function sessionTicks({ monitor }: Version, airflow: string): Promise<Cost> {
  const path = recordedSessions.get(airflow)?.path ?? '';
  const session = await loadSession({ path });
  const plan = planTicks(session.tally, monitor.config);
  for (const { logGroup } of session.logGroups) {
    await session.engine.createLogGroup(logGroup, plan.firstWindowStart);
  }
  if (session.mwaaEnvironment !== floodedEnvironment) {
    throw new Error(`the session of Airflow ${airflow} belongs to ${session.mwaaEnvironment}`);
  }
  const deployed = await deployMonitor(monitor, session.engine, plan.firstWindowStart);
  try {
    const ticks: Invocation[] = [];
    for (const tick of plan.ticks) ticks.push(await invoke(deployed, tick));
    return costOf(ticks.slice(1));
  } finally {
    await deployed.close();
    session.engine.close();
  }
}

async function invoke(deployed: DeployedMonitor, tickEpochMs: number): Promise<Invocation> {
  const invocation = await deployed.tick(tickEpochMs);
  if (invocation.outcome === 'returned') return invocation;
  throw new Error(`a tick ${invocation.outcome}: ${invocation.error}`);
}

function costOf(ticks: readonly Invocation[]): Cost {
  return {
    cpuMs: median(ticks.map(({ cpuSeconds }) => cpuSeconds * 1000)),
    peakMegabytes: Math.max(...ticks.map(({ peakBytes }) => peakBytes / megabyte)),
    calls: median(
      ticks.map(({ calls }) => Object.values(calls).reduce((sum, count) => sum + count, 0)),
    ),
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function show(measured: readonly (readonly Run[])[]): void {
  const table = new Table({
    head: ['tick', 'version', 'CPU ms (median)', 'ratio', 'peak MB', 'ratio', 'AWS calls'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  let worst = 0;
  for (const name of measured[0]?.[0]?.keys() ?? []) {
    const costs = measured.map((runs) => {
      const all = runs.flatMap((run) => run.get(name) ?? []);
      return {
        cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
        peakMegabytes: median(all.map(({ peakMegabytes }) => peakMegabytes)),
        calls: median(all.map(({ calls }) => calls)),
      };
    });
    const base = costs[0];
    for (const [at, { cpuMs, peakMegabytes, calls }] of costs.entries()) {
      const ratio = cpuMs / (base?.cpuMs ?? cpuMs);
      worst = Math.max(worst, ratio);
      table.push([
        at === 0 ? name : '',
        versions[at]?.name ?? '',
        cpuMs.toFixed(1),
        ratio.toFixed(2),
        peakMegabytes.toFixed(0),
        (peakMegabytes / (base?.peakMegabytes ?? peakMegabytes)).toFixed(2),
        String(calls),
      ]);
    }
  }
  console.log(`Node ${process.version}, ${runs} runs each, in turn.`);
  console.log(table.toString());
  if (versions.length < 2) return;
  const isMet = worst <= cpuRatioMax;
  console.log(
    `At most ${worst.toFixed(2)} times the CPU time of ${versions[0]?.name}; the target is at most ${cpuRatioMax}: ${isMet ? 'met' : 'MISSED'}.`,
  );
  if (!isMet) process.exitCode = 1;
}
