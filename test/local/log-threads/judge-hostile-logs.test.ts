import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedLiterals } from '../../../local/candidates/prepared-literals.ts';
import { logOf } from '../../../local/log-event.ts';
import { AnyTypeVerdicts } from '../../../local/log-threads/any-type-verdicts.ts';
import { judgeLogs } from '../../../local/log-threads/judge-logs.ts';
import {
  catalogueLines,
  encoders,
  plan,
  preparedFor,
  randomLines,
} from '../candidates/prefilter.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startEpochMs = Date.UTC(2026, 10, 22);
const nowEpochMs = Date.UTC(2026, 10, 23);
const { candidates } = plan;
const prepared = preparedFor(candidates);
const everything = new AnyTypeVerdicts(candidates);

interface Printed {
  readonly logGroup: string;
  readonly message: string;
}

/** What all conditions say of lines, by their numbers; nothing for those that no detection matches. */
function expectedOf(lines: readonly Printed[]): readonly (readonly [number, string])[] {
  const known = new Map<string, string>();
  return lines.flatMap(({ logGroup, message }, at) => {
    const key = `${logGroup} ${message}`;
    const ids =
      known.get(key) ??
      everything
        .decide({ logGroup, log: logOf(logGroup), logStream: 's', message: message.toWellFormed() })
        .detections.join();
    known.set(key, ids);
    return ids === '' ? [] : [[at, ids] as const];
  });
}

type Write = (line: Printed, at: number) => string;

/** A line of our own exports, its message as another program writes it. */
const writeOwn =
  (encode: (text: string) => string): Write =>
  ({ logGroup, message }, at) =>
    `{"logGroup":"${logGroup}","logStream":"s","timestamp":${startEpochMs + at},"message":${encode(message)}}`;

const writeJson = writeOwn(JSON.stringify);

/** The number of each line that was matched, and the detections that it was found to belong to. */
async function judged(texts: readonly string[], literals: PreparedLiterals | undefined) {
  const path = join(folder, 'events.ndjson');
  writeFileSync(path, `${texts.join('\n')}\n`);
  const found: (readonly [number, string])[] = [];
  const { report } = await judgeLogs({
    ...{ path, candidates, threads: 1, reading: { nowEpochMs } },
    ...(literals && { prepared: literals }),
    onMatched: ({ event, verdict }) =>
      found.push([event.timestamp - startEpochMs, verdict.detections.join()]),
  });
  expect(report.badLineCount).toBe(0);
  expect(report.events).toBe(texts.length);
  return found.toSorted(([one], [other]) => one - other);
}

const ordinary = (count: number): Printed[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ logGroup: 'airflow-Prod-Task', message: `an ordinary line ${at}` },
  }));
const attack: Printed = {
  ...{ logGroup: 'airflow-Prod-Task', message: 'airflow users add-role -e a@x.org -r Admin' },
};

test('random lines in a file, written by any program, belong to the detections that they match', async () => {
  const lines = ordinary(150);
  for (const line of randomLines(8)) {
    lines.push(line);
    if (lines.length === 600) break;
  }
  const expected = expectedOf(lines);
  expect(expected.length).toBeGreaterThan(100);
  const programs = Object.values(encoders).map(writeOwn);
  const mixed: Write = (line, at) => programs[at % programs.length]?.(line, at) ?? '';
  for (const [write, literals] of [
    [writeJson, undefined],
    [mixed, prepared],
  ] as const) {
    const texts = lines.map(write);
    const wellFormed = expected.filter(([at]) => lines[at]?.message.isWellFormed());
    const found = await judged(texts, literals);
    expect(found).toEqual(expect.arrayContaining(wellFormed as [number, string][]));
    expect(found.length).toBeGreaterThanOrEqual(wellFormed.length);
  }
});

// In each of the two lines, the search that is chosen first finds something for nothing.
test.each([
  ['with prepared strings', 'ab_user', prepared],
  ['with strings that are learnt', 'roles airflow users set_role FAB created import', undefined],
])('after 50,000 vain messages no detection is missing, %s', async (_, message, literals) => {
  const vain = { ...attack, message };
  const lines = [
    ...ordinary(300),
    ...Array.from({ length: 50_000 }, () => vain),
    // In the same piece of the file as the last of them, and in later ones.
    ...Array.from({ length: 3000 }, (_, at) => (at % 10 === 0 ? attack : vain)),
    ...catalogueLines.filter(({ logGroup }) => logGroup === attack.logGroup),
  ];
  expect(await judged(lines.map(writeJson), literals)).toEqual(expectedOf(lines));
});
