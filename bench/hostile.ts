/**
 * Measures the cost of floods of forged log lines per tick, under the limits of the deployed
 * function, and how long they delay the finding about another change in the same minute. `npm run
 * bench:hostile`; exits with 1 when a target is missed.
 *
 * Options: `--ref GIT_REF` measures another version; `--only TEXT` selects floods by a part of
 * their name; `--ticks N` limits the ticks; `--verbose` shows the function's log.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { minuteMs } from '../lambda/common/time.ts';
import { logGroupName, logTypes } from '../lambda/model/log-types.ts';
import { CannedEngine } from './lambda/canned-engine.ts';
import { type Flood, floodedEnvironment, floods, grantedUser, realGrant } from './lambda/floods.ts';
import type { Invocation } from './lambda/limited-lambda.ts';
import {
  type DeployedMonitor,
  deployMonitor,
  thisVersion,
  type Version,
  versionOf,
} from './lambda/synthesized.ts';

const cpuSecondsMax = 60;
const peakMegabytesMax = 400;
const delayTicksMax = 2;

const megabyte = 1024 * 1024;
const tickMs = 5 * minuteMs;
const floodEpochMs = Date.parse('2026-11-22T06:02:00Z');
/** The first tick, which reads nothing, and the tick that reads the flood's minute. */
const firstTickEpochMs = Date.parse('2026-11-22T06:00:00Z');
const floodTickEpochMs = Date.parse('2026-11-22T06:10:00Z');

interface TickCost extends Invocation {
  readonly messages: number;
}

interface FloodResult {
  readonly flood: Flood;
  readonly ticks: readonly TickCost[];
  /**
   * Number of ticks after the first one that could report it; undefined when it was not reported.
   */
  readonly delayTicks: number | undefined;
}

const { values } = parseArgs({
  options: {
    ref: { type: 'string' },
    only: { type: 'string', default: '' },
    // A monitor without a report by then counts as stopped.
    ticks: { type: 'string', default: '6' },
    verbose: { type: 'boolean', default: false },
  },
});

const ticksMax = Number(values.ticks);
const version =
  values.ref === undefined
    ? thisVersion(floodedEnvironment)
    : versionOf(values.ref, floodedEnvironment);
try {
  await main(version);
} finally {
  version.close();
}

async function main({ name, monitor }: Version): Promise<void> {
  console.log(
    `Version ${name}: ${monitor.memoryMegabytes} MB, ${monitor.timeoutSeconds} s. A process with more memory is killed, its heap is limited to half of it; ` +
      `its clock runs as on ${((monitor.memoryMegabytes / 1769) * 100).toFixed(0)} % of a core.`,
  );
  const table = new Table({
    head: ['flood', 'tick', 'ended', 'CPU s', 'peak MB', 'AWS calls', 'messages', 'real grant'],
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  let missed = 0;
  for (const flood of floods.filter(({ name }) => name.includes(values.only))) {
    const result = await measure(flood);
    if (!meetsTargets(result)) missed += 1;
    for (const row of rowsOf(result)) table.push(row);
    console.error(`${flood.name}: ${meetsTargets(result) ? 'met' : 'MISSED'}`);
  }
  console.log(table.toString());
  console.log(
    `Targets: at most ${cpuSecondsMax} CPU s and ${peakMegabytesMax} MB a tick, the real grant at most ${delayTicksMax} ticks late: ` +
      (missed === 0 ? 'met.' : `MISSED by ${missed}.`),
  );
  if (missed > 0) process.exitCode = 1;
}

async function measure(flood: Flood): Promise<FloodResult> {
  const groups = logTypes.map((logType) => logGroupName(floodedEnvironment, logType));
  const engine = await CannedEngine.open(groups, firstTickEpochMs - 10 * tickMs, [
    ...flood.events(floodEpochMs),
    ...realGrant(floodEpochMs),
  ]);
  const log = values.verbose ? (line: string) => console.error(line) : undefined;
  const deployed = await deployMonitor(version.monitor, engine, firstTickEpochMs, log);
  try {
    for (let tick = firstTickEpochMs; tick < floodTickEpochMs; tick += tickMs) {
      await deployed.tick(tick);
    }
    return { flood, ...(await ticksUntilTold(deployed)) };
  } finally {
    await deployed.close();
    engine.close();
  }
}

/** Continues for two ticks after the grant was reported, to process the rest of the flood. */
async function ticksUntilTold(deployed: DeployedMonitor) {
  const ticks: TickCost[] = [];
  let delayTicks: number | undefined;
  while (ticks.length < ticksMax && (delayTicks === undefined || ticks.length < delayTicks + 3)) {
    const before = deployed.endpoints.notifications.all().length;
    const invocation = await deployed.tick(floodTickEpochMs + ticks.length * tickMs);
    const told = deployed.endpoints.notifications.all();
    ticks.push({ ...invocation, messages: told.length - before });
    const { outcome, cpuSeconds, peakBytes, error = '' } = invocation;
    console.error(
      `  tick ${ticks.length - 1}: ${outcome}, ${cpuSeconds.toFixed(1)} CPU s, ${(peakBytes / megabyte).toFixed(0)} MB ${error}`,
    );
    const isTold = told.some((notification) => JSON.stringify(notification).includes(grantedUser));
    if (isTold) delayTicks ??= ticks.length - 1;
  }
  return { ticks, delayTicks };
}

function meetsTargets({ ticks, delayTicks }: FloodResult): boolean {
  return (
    delayTicks !== undefined &&
    delayTicks <= delayTicksMax &&
    ticks.every(
      ({ outcome, cpuSeconds, peakBytes }) =>
        outcome === 'returned' &&
        cpuSeconds <= cpuSecondsMax &&
        peakBytes <= peakMegabytesMax * megabyte,
    )
  );
}

function rowsOf({ flood, ticks, delayTicks }: FloodResult): string[][] {
  return ticks.map(({ outcome, cpuSeconds, peakBytes, calls, messages }, at) => [
    at === 0 ? flood.name : '',
    String(at),
    outcome,
    cpuSeconds.toFixed(1),
    (peakBytes / megabyte).toFixed(0),
    Object.values(calls)
      .reduce((sum, count) => sum + count, 0)
      .toLocaleString('en'),
    messages.toLocaleString('en'),
    at === delayTicks
      ? 'reported'
      : delayTicks === undefined && at === ticks.length - 1
        ? 'NEVER'
        : '',
  ]);
}
