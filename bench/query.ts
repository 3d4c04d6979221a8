/**
 * Measures `query` as a whole process: one text, a count and a sort over 200 MB and 1 GB of NDJSON, beside ripgrep
 * over the same files, and a query over 10,000 lines from a cold start: `npm run bench:query`. Exits with 1 when a
 * target is missed or lines are not found.
 *
 * Options: `--runs 3` is how often each is measured, of which the fastest counts, since other work on the machine only
 * makes one slower; `--sizes 200,1000` are the megabytes of the corpora, which stay in `--corpus` (a temporary folder).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { documentedDetectionId, loadDetections } from '../queries/tools/load-detections.ts';
import { packCandidates } from '../queries/tools/pack-candidates.ts';
import { makeCorpus } from './replay/corpus.ts';

/** A query over 10,000 lines, as a whole process, without files from earlier runs. */
const maxColdMs = 400;
/** Peak memory over the largest corpus, relative to the smallest one: the events with the text are kept. */
const maxMemoryRatio = 1.6;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '200,1000' },
    corpus: { type: 'string', default: join(tmpdir(), 'privilege-monitor-query') },
  },
});
const runs = Number(values.runs);
const megabytes = values.sizes.split(',').map(Number);
if (![runs, ...megabytes].every((count) => Number.isInteger(count) && count > 0)) {
  throw new Error('--runs and --sizes: must be whole numbers above 0');
}

const word = 'add-role';
const queries = [
  ['one text', `filter @message like "${word}" | stats count() by @log`],
  ['a count of all events', 'stats count() by @log'],
  ['the last events', 'fields @timestamp, @message | sort @timestamp desc | limit 20'],
] as const;

interface Measured {
  readonly ms: number;
  /** Of one core. @default - not known, of another program */
  readonly cpuMs?: number;
  readonly peakMb: number;
  readonly output: string;
}

/** Writes what the process took to a stream of its own. */
const reportUsage = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));",
)}`;
const cli = fileURLToPath(new URL('../cli/privilege-monitor.js', import.meta.url));

function fastest(measure: () => Measured): Measured {
  return Array.from({ length: runs }, measure).reduce((best, one) =>
    one.ms < best.ms ? one : best,
  );
}

function runQuery(logs: string, text: string, environment: NodeJS.ProcessEnv = {}): Measured {
  const startedMs = performance.now();
  const args = ['--import', reportUsage, cli, 'query', '--logs', logs, '--json', text];
  const { status, stderr, output } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 1e9,
  });
  const ms = performance.now() - startedMs;
  if (status !== 0) throw new Error(`query ended with ${status}: ${stderr}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(output[3] ?? '');
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  return { ms, cpuMs, peakMb: maxRSS / 1024, output: output[1] ?? '' };
}

/** Undefined where ripgrep is not installed. */
function runRipgrep(folder: string): Measured | undefined {
  const startedMs = performance.now();
  const { status, stdout } = spawnSync('rg', ['-F', '--no-filename', '-c', word, folder], {
    encoding: 'utf8',
  });
  if (status === null) return undefined;
  return { ms: performance.now() - startedMs, peakMb: 0, output: stdout };
}

function secondsOf({ ms, cpuMs }: Measured): readonly string[] {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
  return [seconds(ms), cpuMs === undefined ? '' : seconds(cpuMs)];
}

/** Lines with the text in their message; some have it in the name of their log stream alone. */
function linesWith(folder: string): number {
  return readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line.includes(word) && JSON.parse(line).message.includes(word)).length;
}

const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);
const candidates = packCandidates(pack);
const table = new Table({
  head: ['query', 'logs', 'seconds', 'CPU seconds', 'of ripgrep', 'peak MB'],
});
const missed: string[] = [];
const peaks: number[] = [];

for (const size of megabytes) {
  const folder = join(values.corpus, `${size}-mb`);
  mkdirSync(values.corpus, { recursive: true });
  await makeCorpus(folder, size * 1e6, candidates);
  const ripgrep = runRipgrep(folder) && fastest(() => runRipgrep(folder) as Measured);
  const row = (name: string, measured: Measured) => [
    ...[name, `${size} MB`, ...secondsOf(measured)],
    ripgrep ? (measured.ms / ripgrep.ms).toFixed(1) : '',
    measured.peakMb === 0 ? '' : Math.round(measured.peakMb),
  ];
  if (ripgrep) table.push(row(`rg -F ${word}`, ripgrep));
  for (const [at, [name, text]] of queries.entries()) {
    const measured = fastest(() => runQuery(folder, text));
    table.push(row(`query: ${name}`, measured));
    if (at > 0) continue;
    peaks.push(measured.peakMb);
    const found = JSON.parse(measured.output).statistics.recordsMatched;
    const lines = linesWith(folder);
    if (lines !== found) missed.push(`query finds ${found} of ${lines} lines in ${size} MB`);
  }
}

const few = join(values.corpus, 'few.ndjson');
const [smallest = 200] = megabytes;
const lines = readdirSync(join(values.corpus, `${smallest}-mb`)).flatMap((file) =>
  readFileSync(join(values.corpus, `${smallest}-mb`, file), 'utf8').split('\n', 2000),
);
writeFileSync(few, `${lines.join('\n')}\n`);
const warm = fastest(() => runQuery(few, queries[0][1]));
const cold = fastest(() => runQuery(few, queries[0][1], { NODE_DISABLE_COMPILE_CACHE: '1' }));
for (const [name, measured] of [
  ['query: one text, a process like any', warm],
  ['query: one text, the first process', cold],
] as const) {
  table.push([name, '10,000 lines', ...secondsOf(measured), '', Math.round(measured.peakMb)]);
}
console.log(table.toString());

if (warm.ms > maxColdMs) {
  missed.push(`10,000 lines take ${Math.round(warm.ms)} ms, more than ${maxColdMs}`);
}
const memoryRatio = (peaks.at(-1) ?? 0) / (peaks[0] ?? 1);
if (memoryRatio > maxMemoryRatio) {
  missed.push(`memory grows with the logs: by ${memoryRatio.toFixed(2)}`);
}
for (const miss of missed) console.error(miss);
process.exitCode = missed.length > 0 ? 1 : 0;
