import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program that answers the question of a benchmark. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Exit codes that are no failure. @default [0] */
  readonly exitCodes?: readonly number[];
}

/** What one run of a whole process cost. */
export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** The most memory that it or one of its children held, in MB. */
  readonly peakMb: number;
}

const gnuTime = '/usr/bin/time';

/** @throws Error if the program fails, or GNU time is missing */
export async function measure({ name, command, args, exitCodes = [0] }: Contender): Promise<Cost> {
  if (!existsSync(gnuTime)) throw new Error(`${gnuTime} is missing: install GNU time`);
  const marker = 'measured:';
  const child = spawn(gnuTime, ['-f', `${marker}%e %U %S %M`, command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-10_000);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const [, wall, user, system, kilobytes] =
    /measured:([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(stderr) ?? [];
  if (wall === undefined || !exitCodes.includes(exitCode ?? -1)) {
    throw new Error(`${name} failed with exit code ${exitCode}: ${stderr}`);
  }
  return {
    wallSeconds: Number(wall),
    cpuSeconds: Number(user) + Number(system),
    peakMb: (Number(kilobytes) * 1024) / 1e6,
  };
}

/** Runs programs in turn, several times, so that what else the machine does disturbs all of them alike. */
export async function measureInTurn(
  contenders: readonly Contender[],
  runs: number,
): Promise<ReadonlyMap<Contender, Cost>> {
  const costs = new Map<Contender, Cost[]>(contenders.map((contender) => [contender, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const contender of contenders) costs.get(contender)?.push(await measure(contender));
  }
  return new Map([...costs].map(([contender, all]) => [contender, leastOf(all)]));
}

/** The least of each: whatever disturbs a run makes it slower. */
function leastOf(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: Math.min(...costs.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: Math.min(...costs.map(({ cpuSeconds }) => cpuSeconds)),
    peakMb: Math.max(...costs.map(({ peakMb }) => peakMb)),
  };
}
