/**
 * Measures, for each of the pack's expressions, the cost of matching texts made from them: the
 * slowest text, its CPU time at 256 kB and at 1 MB (the largest event that CloudWatch Logs
 * accepts), and their ratio, which is about 4 for linear time: `npm run bench:matching`. Exits with
 * 1 when a target is missed.
 *
 * Options: `--only TEXT` selects detections by a part of their id.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { readRegexpSource } from '../query-language/regexp/parse-regexp.ts';
import { toRe2 } from '../query-language/regexp/write-regexp.ts';
import { hostileStrings } from '../test/queries/hostile-strings.ts';
import { packRegexps } from '../test/queries/pack-regexps.ts';
import { linearRegexp } from '../test/regexp-programs.ts';

const kilobyte = 1024;
const [small, large] = [256 * kilobyte, 1024 * kilobyte];

/** At the size of `large`; a real line of that size costs about as much. */
const maxMs = 1_000;
/** The text is four times as long; the rest allows for garbage collection and a busy machine. */
const maxRatio = 8;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

const table = new Table({
  head: ['detection', 'command', 'texts', 'slowest', '256 kB ms', '1 MB ms', 'ratio'],
  colAligns: ['left', 'left', 'right', 'left', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
let missed = 0;
for (const { id, command, source } of packRegexps.filter(({ id }) => id.includes(values.only))) {
  const { root, groups } = readRegexpSource(source);
  const regexp = linearRegexp(toRe2({ root, groups }));
  const run = (text: string) => {
    if (command === 'filter') regexp.test(text);
    else regexp.matches(text);
  };
  const texts = hostileStrings(root);
  const measured = texts.map(({ name, text }) => ({
    name,
    text,
    ms: cpuMs(() => run(text(small))),
  }));
  const slowest = measured.reduce((worst, one) => (one.ms > worst.ms ? one : worst));
  const [smallMs, largeMs] = [small, large].map((characters) => {
    const text = slowest.text(characters);
    return Math.min(...Array.from({ length: 3 }, () => cpuMs(() => run(text))));
  });
  const ratio = (largeMs ?? 0) / Math.max(1, smallMs ?? 0);
  if ((largeMs ?? 0) > maxMs || ratio > maxRatio) missed += 1;
  table.push([
    id,
    command,
    String(texts.length),
    slowest.name.slice(0, 50),
    (smallMs ?? 0).toFixed(1),
    (largeMs ?? 0).toFixed(1),
    ratio.toFixed(1),
  ]);
}
console.log(table.toString());
const targets = `at most ${maxMs} ms at 1 MB, at most ${maxRatio} times the time of 256 kB`;
console.log(`Targets: ${targets}: ${missed === 0 ? 'met.' : `MISSED by ${missed}.`}`);
if (missed > 0) process.exitCode = 1;

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
