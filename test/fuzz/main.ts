/**
 * `npm run fuzz -- [--runs 1000000] [--seed N] [--asked 0.01]`: texts of queries, from a grammar and from mutations. None may
 * break the parser or the translation, take long to parse, or become other SQL than one SELECT; a share of those that
 * are accepted is asked, too. Prints each text that breaks a rule.
 */
import { parseArgs } from 'node:util';
import { AnswerFuzzer, CanaryFuzzer } from './answers.ts';
import { FuzzFailure, fuzzTexts, inspect } from './query-fuzzer.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '20261122' },
    asked: { type: 'string', default: '0.01' },
  },
});
const runs = Number(values.runs);
const everyAsked = Math.round(1 / Number(values.asked));
const startedMs = performance.now();
const counts = { texts: 0, accepted: 0, asked: 0, failures: 0 };
const answers = await AnswerFuzzer.open();
const canary = await CanaryFuzzer.open();

for (const text of fuzzTexts(values.seed, runs)) {
  counts.texts += 1;
  try {
    if (inspect(text)) {
      counts.accepted += 1;
      if (counts.accepted % everyAsked === 0) {
        counts.asked += 1;
        await answers.ask(text);
        await canary.run(text);
      }
    }
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    counts.failures += 1;
    console.error(`${error.message}${error.cause === undefined ? '' : ` (${error.cause})`}`);
  }
  if (counts.texts % 100_000 === 0) report();
}
report();
answers.close();
canary.close();
process.exitCode = counts.failures === 0 ? 0 : 1;

function report(): void {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const number = (count: number) => count.toLocaleString('en');
  console.log(
    `${number(counts.texts)} texts in ${seconds} s: ${number(counts.accepted)} accepted, ${number(counts.asked)} of them asked, ${counts.failures} broke a rule`,
  );
}
