import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { checkedReading } from '../../../local/log-readers/read-logs.ts';
import { EventJudge } from '../../../local/log-threads/judge-events.ts';
import { FileJudge } from '../../../local/log-threads/judge-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'judge-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startEpochMs = Date.UTC(2026, 10, 22);
const wanted: Candidate = {
  id: 'wanted',
  filter: '@message like "role " and @message like " is wanted"',
  condition: {
    and: [
      { field: 'message', contains: 'role ' },
      { field: 'message', contains: ' is wanted' },
    ],
  },
};
const isWanted = 'role 7 is wanted';
const isNot = 'nothing of it';

/** The messages of a file that are judged to belong to the detection. */
async function judged(messages: readonly (readonly [logType: string, message: string])[]) {
  const file = join(folder, 'events.ndjson');
  const lines = messages.map(([logType, message], number) => {
    const [logGroup, logStream] = [`airflow-Prod-${logType}`, 'stream'];
    return JSON.stringify({ logGroup, logStream, timestamp: startEpochMs + number, message });
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  const judge = new FileJudge({
    candidates: [wanted],
    source: { path: file, isDirectory: false, environment: 'Prod' },
    reading: checkedReading({ nowEpochMs: startEpochMs + 24 * 60 * 60 * 1000 }),
  });
  const found: string[] = [];
  await judge.judge(
    { file },
    { matched: (some) => found.push(...some.map(({ event }) => event.message)), bytesRead() {} },
  );
  return found;
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

test('what a search has learnt amid a file is searched for in the next lines, which are not read', async () => {
  const read = jest.spyOn(EventJudge.prototype, 'judge');
  const found = await judged([
    // The beginning of a file is read in full.
    ...times(300, ['Scheduler', isNot] as const),
    ...times(5000, ['Task', isNot] as const),
    ['Task', isWanted],
  ]);
  expect(found).toEqual([isWanted]);
  expect(read.mock.calls.length).toBeLessThan(1000);
  read.mockRestore();
});

test('a search that finds too much for nothing is replaced, and no line is lost over it', async () => {
  // Among the first messages, one of both texts is rarer, and later on the other one.
  const found = await judged([
    ...times(300, ['Task', 'what is wanted'] as const),
    ...times(49_900, ['Task', 'role 7 is nothing of it'] as const),
    ...times(50, [
      ...times(10, ['Task', 'role 7 is nothing of it'] as const),
      ['Task', isWanted] as const,
    ]).flat(),
  ]);
  expect(found).toEqual(times(50, isWanted));
});
