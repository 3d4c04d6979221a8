/**
 * Measures `query` as a whole process, as the package has it: one text, a count and a sort over 200 MB and 1 GB of
 * NDJSON, beside ripgrep over the same files, and a query over 10,000 lines from a cold start: `npm run bench:query`.
 * Makes its logs (in `bench/replay/logs/`, not in git) and writes its table of docs/performance.md. It fails if a
 * target is missed, or lines are not found.
 *
 * `-- --megabytes 200,1000` for other sizes, `--runs N`, of which the fastest counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildCli } from '../packaging/build-cli.ts';
import { documentedDetectionId, loadDetections } from '../queries/tools/load-detections.ts';
import { packCandidates } from '../queries/tools/pack-candidates.ts';
import { makeCorpus } from './replay/corpus.ts';
import { type Contender, type Cost, measureInTurn } from './replay/measure.ts';

/** A query over 10,000 lines, as a whole process, in seconds. */
const maxColdSeconds = 0.4;
/** The time for one text, relative to ripgrep. */
const maxTextRatio = 3;
/** Peak memory over the largest corpus, relative to the smallest one: the events with the text are kept. */
const maxMemoryRatio = 1.6;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200,1000' },
    runs: { type: 'string', default: '3' },
  },
});
const runs = Number(values.runs);
const sizes = values.megabytes.split(',').map(Number);
const corpora = fileURLToPath(new URL('replay/logs/', import.meta.url));
const corpusOf = (size: number) => join(corpora, `${size}-mb`);

const word = 'add-role';
const oneText = `filter @message like "${word}" | stats count() by @log`;
const queries = [
  ['one text', oneText],
  ['a count of all events', 'stats count() by @log'],
  ['the last events', 'fields @timestamp, @message | sort @timestamp desc | limit 20'],
] as const;
const checkout = fileURLToPath(new URL('../cli/privilege-monitor.js', import.meta.url));
const packageFolder = fileURLToPath(new URL('../dist/cli-to-measure', import.meta.url));
const packaged = join(packageFolder, 'privilege-monitor.js');
const queryArgs = (logs: string, text: string, cli = packaged) => {
  return [cli, 'query', '--logs', logs, '--json', text];
};

const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);
const candidates = packCandidates(pack);
const rows: string[][] = [];
const missed: string[] = [];
const peaks: number[] = [];

mkdirSync(corpora, { recursive: true });
await buildCli(packageFolder);
for (const size of sizes) {
  const folder = corpusOf(size);
  await makeCorpus(folder, size * 1e6, candidates);
  const ripgrep: Contender = {
    ...{ name: `rg -F ${word}`, command: 'rg', args: ['-F', '-c', word, folder] },
  };
  const asked = queries.map(([name, text]): Contender => {
    return { name: `query: ${name}`, command: process.execPath, args: queryArgs(folder, text) };
  });
  const fromCheckout: Contender = {
    ...{ name: 'query: one text, from the checkout', command: process.execPath },
    args: queryArgs(folder, oneText, checkout),
  };
  const costs = await measureInTurn([ripgrep, fromCheckout, ...asked], runs);
  const ripgrepSeconds = costs.get(ripgrep)?.wallSeconds;
  for (const [{ name }, cost] of costs) addRow(name, `${size} MB`, cost, ripgrepSeconds);
  const ofText = costs.get(asked[0] ?? ripgrep);
  const ratio = (ofText?.wallSeconds ?? 0) / (ripgrepSeconds ?? 1);
  if (ratio > maxTextRatio) {
    missed.push(`${size} MB: one text takes ${ratio.toFixed(1)} times as long as ripgrep`);
  }
  peaks.push(ofText?.peakMb ?? 0);
  const [found, expected] = [linesFound(folder), linesWith(folder)];
  if (found !== expected) missed.push(`query finds ${found} of ${expected} lines in ${size} MB`);
}

const few = join(corpora, 'few.ndjson');
const smallest = corpusOf(sizes[0] ?? 200);
const lines = readdirSync(smallest).flatMap((file) =>
  readFileSync(join(smallest, file), 'utf8').split('\n', 2000),
);
writeFileSync(few, `${lines.join('\n')}\n`);
const command = process.execPath;
const cold = await measureInTurn(
  [
    { name: 'query: one text', command, args: queryArgs(few, oneText) },
    {
      ...{ name: 'query: one text, without compiled code', command: 'env' },
      args: ['NODE_DISABLE_COMPILE_CACHE=1', command, ...queryArgs(few, oneText)],
    },
  ],
  runs,
);
for (const [{ name }, cost] of cold) addRow(name, `${lines.length} lines`, cost);
writeTable();

const [{ wallSeconds: coldSeconds = 0 } = {}] = [...cold.values()];
if (coldSeconds > maxColdSeconds) {
  missed.push(`${lines.length} lines take ${coldSeconds} s, more than ${maxColdSeconds} s`);
}
const memoryRatio = (peaks.at(-1) ?? 0) / (peaks[0] ?? 1);
if (memoryRatio > maxMemoryRatio) {
  missed.push(`memory grows with the logs: by ${memoryRatio.toFixed(2)}`);
}
for (const miss of missed) console.error(miss);
process.exitCode = missed.length > 0 ? 1 : 0;

function addRow(name: string, logs: string, cost: Cost, ripgrepSeconds?: number): void {
  const { wallSeconds, cpuSeconds, peakMb } = cost;
  const ratio = ripgrepSeconds === undefined ? '' : (wallSeconds / ripgrepSeconds).toFixed(1);
  rows.push([
    ...[logs, name, wallSeconds.toFixed(2), cpuSeconds.toFixed(2), ratio],
    peakMb.toFixed(0),
  ]);
}

/** Prints the table, and writes it into the page. */
function writeTable(): void {
  const table = [
    '| logs | program | wall s | CPU s | times as long as ripgrep | peak MB |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
  console.log(table);
  const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(
    /<!-- queries -->[\s\S]*<!-- end of queries -->/,
  );
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}; the least of ${runs} runs in turn, under a load of ${loadavg()[0]?.toFixed(0)} from all that runs, ${new Date().toISOString().slice(0, 10)}.`;
  writeFileSync(
    page,
    `${before}<!-- queries -->\n${machine}\n\n${table}\n<!-- end of queries -->${after}`,
  );
}

function linesFound(folder: string): number {
  const { stdout } = spawnSync(process.execPath, queryArgs(folder, oneText), { encoding: 'utf8' });
  return JSON.parse(stdout).statistics.recordsMatched;
}

/** Lines with the text in their message; some have it in the name of their log stream alone. */
function linesWith(folder: string): number {
  return readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line.includes(word) && JSON.parse(line).message.includes(word)).length;
}
