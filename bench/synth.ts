/**
 * Measures the synthesis of many environments, each in a fresh process, as `cdk synth` would run it:
 * time, processor time and peak memory by the number of environments, and what one more environment
 * costs: `npm run bench:synth`. Exits with 1 when a target is missed.
 *
 * Options: `--only 10,50` measures these numbers of environments only; `--runs 5` is how often (2), of
 * which the fastest counts, since other work on the machine only makes one slower.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

const counts = [1, 10, 50, 200];
/**
 * How much more an environment may cost among the last ones than among those before them; the rest allows
 * for a busy machine.
 */
const maxCpuRatio = 1.5;
/** V8 enlarges its heap in steps, and collects late while memory is free. */
const maxMemoryRatio = 2;

const projectRoot = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { only: { type: 'string' }, runs: { type: 'string', default: '2' } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  throw new Error(`--runs: must be a whole number above 0, got ${values.runs}`);
}
const chosen = values.only === undefined ? counts : values.only.split(',').map(Number);
if (!chosen.every((count) => Number.isInteger(count) && count > 0)) {
  throw new Error(`--only: must be whole numbers joined by commas, got ${values.only}`);
}

/** What `infra/app.ts` does, over another folder. */
const script = `
  import { App } from 'aws-cdk-lib/core';
  import cdkJson from './cdk.json' with { type: 'json' };
  import { addMonitors } from './infra/add-monitors.ts';
  const [folder, outdir] = process.argv.slice(1);
  const app = new App({ outdir, context: cdkJson.context });
  addMonitors(app, folder);
  const { stacks } = app.synth();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log('measured ' + JSON.stringify({
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMb: maxRSS / 1024,
    stacks: stacks.length,
  }));
`;

interface Measured {
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly stacks: number;
  readonly assemblyMb: number;
}

// Interleaved, so that other work on the machine affects all numbers of environments alike.
const all = Array.from({ length: runs }, () => chosen.map(measure)).flat();
const measured = [...Map.groupBy(all, ({ count }) => count).values()]
  .flatMap((some) => some.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds).slice(0, 1))
  .toSorted((a, b) => a.count - b.count);
const table = new Table({
  head: [
    'environments',
    'stacks',
    'seconds',
    'CPU s',
    'peak MB',
    'cdk.out MB',
    'CPU ms each more',
    'kB each more',
  ],
  colAligns: ['right', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
/** What each environment beyond those of the line above costs: the start of the process is not in it. */
const steps = measured.slice(1).map((now, at) => {
  const before = measured[at] ?? now;
  const more = now.count - before.count;
  return {
    cpuMs: ((now.cpuSeconds - before.cpuSeconds) * 1000) / more,
    kilobytes: ((now.peakMb - before.peakMb) * 1024) / more,
  };
});
for (const [at, one] of measured.entries()) {
  const step = steps[at - 1];
  table.push([
    one.count,
    one.stacks,
    one.seconds.toFixed(1),
    one.cpuSeconds.toFixed(1),
    one.peakMb.toFixed(0),
    one.assemblyMb.toFixed(1),
    step === undefined ? '' : step.cpuMs.toFixed(0),
    step === undefined ? '' : step.kilobytes.toFixed(0),
  ]);
}
console.log(
  `Node ${process.version}, the fastest of ${runs} runs; cdk-nag's rules, the CDK's own checks and the function's bundle included.`,
);
console.log(table.toString());

const [before, last] = steps.slice(-2);
if (before !== undefined && last !== undefined) {
  const [cpu, memory] = [last.cpuMs / before.cpuMs, last.kilobytes / before.kilobytes];
  const isMet = cpu <= maxCpuRatio && memory <= maxMemoryRatio;
  console.log(
    `One of the last environments costs ${cpu.toFixed(2)} times the CPU time and ${memory.toFixed(2)} times the memory of one before them; the target is at most ${maxCpuRatio} and ${maxMemoryRatio}: ${isMet ? 'met' : 'MISSED'}.`,
  );
  if (!isMet) process.exitCode = 1;
}

/** Synthesizes this many environments of two accounts and two Regions. */
function measure(count: number): Measured {
  const work = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  try {
    const folder = join(work, 'environments');
    const outdir = join(work, 'cdk.out');
    mkdirSync(folder);
    for (let at = 0; at < count; at += 1) writeFileSync(join(folder, `e${at}.yaml`), fileOf(at));
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script, folder, outdir],
      { cwd: projectRoot, encoding: 'utf8' },
    );
    const seconds = (performance.now() - start) / 1000;
    const result = /^measured (.*)$/m.exec(stdout)?.[1];
    if (status !== 0 || result === undefined) throw new Error(`synthesis failed: ${stderr}`);
    const { cpuSeconds, peakMb, stacks } = JSON.parse(result);
    return { count, seconds, cpuSeconds, peakMb, stacks, assemblyMb: megabytesIn(outdir) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Every second environment is in another account, every fourth in another Region. */
function fileOf(at: number): string {
  return [
    `mwaaEnvironment: environment-${at}`,
    `account: '${at % 2 === 0 ? '111122223333' : '444455556666'}'`,
    `region: ${at % 4 < 2 ? 'eu-west-1' : 'us-east-1'}`,
    'notify: { email: [oncall@example.com] }',
    '',
  ].join('\n');
}

function megabytesIn(folder: string): number {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return bytes / 1024 ** 2;
}
