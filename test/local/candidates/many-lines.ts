/**
 * `npm run test:prefilter`: compares the prefilter of `replay` with the full evaluation on a million random
 * lines; `-- --lines N --seed N` for others. The suite does so on some thousand.
 */
import { parseArgs } from 'node:util';
import { encoders, Prefilter, plan, randomLines } from './prefilter.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '2' },
  },
});
const count = Number(values.lines);
const programs = Object.keys(encoders);
const prefilter = new Prefilter(plan.candidates);
let at = 0;
for (const line of randomLines(Number(values.seed))) {
  const program = programs[at % programs.length] ?? '';
  const difference = prefilter.difference(line, {
    [program]: encoders[program]?.(line.message) ?? '',
  });
  if (difference !== undefined) {
    console.error(`line ${at + 1}: ${difference}`);
    process.exit(1);
  }
  at += 1;
  if (at === count) break;
  if (at % 100_000 === 0) console.error(`${at.toLocaleString('en')} lines`);
}
const { lines, matched, passed } = prefilter.counts;
const number = (value: number) => value.toLocaleString('en');
console.log(
  `${number(lines)} random lines: no difference; ${number(matched)} belong to a detection, ${number(passed)} were passed over`,
);
