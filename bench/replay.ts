/**
 * `npm run bench:replay`: how fast `replay` is, as a whole process from its start to its end, beside programs
 * that search files for the same strings. Makes its logs (in `bench/replay/logs/`, not in git), runs the
 * programs in turn and writes the table of docs/performance.md. It fails if a target is missed.
 *
 * `-- --megabytes 200,1000` for other sizes, `--runs N`, `--four-gigabytes` for the check of memory.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scanPlan } from '../infra/function/scan-plan.ts';
import { buildCli } from '../packaging/build-cli.ts';
import { loadDetections } from '../queries/tools/load-detections.ts';
import { checkoutProgram, contendersIn, ours, ripgrep, ripgrepIn } from './replay/contenders.ts';
import { makeCorpus } from './replay/corpus.ts';
import { type Contender, type Cost, measureInTurn } from './replay/measure.ts';
import { patternsOf } from './replay/patterns.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200,1000' },
    runs: { type: 'string', default: '3' },
    'four-gigabytes': { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);

/** Maximum wall time relative to ripgrep with the plan's conditions. */
const maxRatio = 1;
/** The same of a gzip export, relative to `gzip -dc | wc -l`. */
const maxGzipRatio = 1.3;
const maxPeakMb = 300;

const plan = scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] });
const folder = fileURLToPath(new URL('replay/logs/', import.meta.url));
mkdirSync(folder, { recursive: true });
const files = {
  regexps: join(folder, 'regexps.txt'),
  literals: join(folder, 'literals.txt'),
  union: '',
};
const { regexps, literals } = patternsOf(plan.candidates);
writeFileSync(files.regexps, `${regexps.join('\n')}\n`);
writeFileSync(files.literals, `${literals.join('\n')}\n`);
files.union = literals.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');

const packageFolder = fileURLToPath(new URL('../dist/cli-to-measure', import.meta.url));
await buildCli(packageFolder);
const programs = {
  package: join(packageFolder, 'privilege-monitor.js'),
  checkout: checkoutProgram,
};

const rows: string[][] = [];
const misses: string[] = [];

for (const megabytes of values.megabytes.split(',').map(Number)) {
  const corpus = await corpusOf(megabytes);
  const { contenders, missing } = contendersIn(corpus, files, megabytes, programs);
  const costs = await measureInTurn(contenders, runs);
  const peer = [...costs].find(([{ name }]) => name === ripgrep)?.[1];
  addRows(`${megabytes} MB of NDJSON`, costs, peer);
  for (const name of missing)
    rows.push([`${megabytes} MB of NDJSON`, name, 'not installed', '', '', '']);
  check(costs, peer, maxRatio, `${megabytes} MB`);
}

const packed = await packedCorpus(200);
const unpack: Contender = {
  ...{ name: 'gzip -dc | wc -l', command: 'sh' },
  args: ['-c', `gzip -dc ${packed}/* | wc -l`],
};
const ofGzip = await measureInTurn(
  [ours(packed, 'package', programs), ours(packed, 'checkout', programs), unpack],
  runs,
);
addRows('200 MB, as gzip', ofGzip, ofGzip.get(unpack));
check(ofGzip, ofGzip.get(unpack), maxGzipRatio, 'gzip');

if (values['four-gigabytes']) {
  const corpus = await corpusOf(4000);
  const search = ripgrepIn(corpus, files);
  const costs = await measureInTurn([ours(corpus, 'package', programs), search], 2);
  addRows('4 GB of NDJSON', costs, costs.get(search));
  check(costs, costs.get(search), maxRatio, '4 GB');
}

const table = [
  '| logs | program | wall s | CPU s | times as long as the peer | peak MB |',
  '|---|---|---|---|---|---|',
  ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
].join('\n');
console.log(table);
writeTable(table);
for (const miss of misses) console.error(`missed: ${miss}`);
process.exitCode = misses.length === 0 ? 0 : 1;

async function corpusOf(megabytes: number): Promise<string> {
  const corpus = join(folder, `${megabytes}-mb`);
  await makeCorpus(corpus, megabytes * 1e6, plan.candidates);
  return corpus;
}

async function packedCorpus(megabytes: number): Promise<string> {
  const corpus = await corpusOf(megabytes);
  const target = `${corpus}-gzip`;
  if (existsSync(target)) return target;
  mkdirSync(target);
  for (const name of readdirSync(corpus)) {
    const bytes = execFileSync('gzip', ['-c', join(corpus, name)], { maxBuffer: 2 ** 30 });
    writeFileSync(join(target, `${name}.gz`), bytes);
  }
  return target;
}

function addRows(logs: string, costs: ReadonlyMap<Contender, Cost>, peer: Cost | undefined): void {
  for (const [{ name }, { wallSeconds, cpuSeconds, peakMb }] of costs) {
    const ratio = peer === undefined ? '' : (wallSeconds / peer.wallSeconds).toFixed(2);
    rows.push([
      logs,
      name,
      wallSeconds.toFixed(2),
      cpuSeconds.toFixed(2),
      ratio,
      peakMb.toFixed(0),
    ]);
  }
}

function check(
  costs: ReadonlyMap<Contender, Cost>,
  peer: Cost | undefined,
  ratioMax: number,
  logs: string,
): void {
  const [own] = costs.values();
  if (own === undefined) return;
  if (own.peakMb > maxPeakMb)
    misses.push(`${logs}: ${own.peakMb.toFixed(0)} MB, at most ${maxPeakMb}`);
  if (peer === undefined) return;
  const ratio = own.wallSeconds / peer.wallSeconds;
  if (ratio > ratioMax)
    misses.push(`${logs}: ${ratio.toFixed(2)} times as long as its peer, at most ${ratioMax}`);
}

function writeTable(text: string): void {
  const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(
    /<!-- measured -->[\s\S]*<!-- end -->/,
  );
  const [cpu] = cpus();
  const rg =
    spawnSync('rg', ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? 'no ripgrep';
  const machine = `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, ${rg}; the least of ${runs} in turn, with a load of ${loadavg()[0]?.toFixed(1)} at the end, ${new Date().toISOString().slice(0, 10)}.`;
  writeFileSync(page, `${before}<!-- measured -->\n${machine}\n\n${text}\n<!-- end -->${after}`);
}
