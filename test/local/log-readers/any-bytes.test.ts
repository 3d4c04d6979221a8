import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { LogReadError } from '../../../local/log-readers/report/read-report.ts';
import { LogFolder, readAll } from './log-folder.ts';

const stamp = '[2026-11-22, 05:49:59 UTC] {{a.py:1}} INFO - x';
const event = { logStreamName: 's', timestamp: 1_795_326_599_000, message: stamp };
const samples = [
  JSON.stringify({ events: [event, event] }, null, 2),
  `${JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: 'g', logStream: 's', logEvents: [event] })}\n`,
  `@timestamp,@message\n2026-11-22 05:50:01.900,"${stamp}\nmore"\n`,
  `EVENTS\t3${'0'.repeat(55)}\t1795326599000\ts\t${stamp}\t1795326599000\n`,
  `Log Group: airflow-prod-Task\n\nTimestamp: 2026-11-22 05:49:59.000000 UTC\nStream: s\nMessage:\n${stamp}\n${'-'.repeat(80)}\n\n`,
  `2026-11-22T05:49:59.000000+00:00 s ${stamp}\n`,
  `2026-11-22T05:49:59.000000000Z stdout P ${stamp}\n2026-11-22T05:49:59.000000000Z stdout F y\n`,
  `scheduler-1  | ${stamp}\nwebserver-1  | y\n`,
  `airflow-prod-Task s ${stamp}\n`,
  `${stamp}\n`,
];
const pieces = [
  ...samples.flatMap((sample) => sample.match(/.{1,12}/gs) ?? []),
  '\n',
  '"',
  '\r',
  '\0',
  '\ufeff',
  '{',
  ']',
  '\u001b[32m',
];
const mixed = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((some) => some.join('')),
  fc
    .tuple(fc.constantFrom(...samples), fc.nat(400), fc.nat(400), fc.constantFrom(...pieces))
    .map(([sample, from, to, piece]) => sample.slice(0, from) + piece + sample.slice(to)),
);

test('whatever a file contains, it is read, or refused with one sentence', async () => {
  const folder = new LogFolder();
  try {
    await fc.assert(
      fc.asyncProperty(mixed, fc.boolean(), async (content, isPacked) => {
        const bytes = Buffer.from(content);
        const path = folder.write('x.log', isPacked ? gzipSync(bytes) : bytes);
        const outcome = await readAll(path).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(LogReadError);
          expect(outcome.message).not.toContain('\n');
        }
      }),
      { seed: 18, numRuns: 600 },
    );
  } finally {
    folder.remove();
  }
});
