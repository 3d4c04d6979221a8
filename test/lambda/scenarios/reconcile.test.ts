import fc from 'fast-check';
import { deriveStream } from '../../../lambda/correlate/derive-stream.ts';
import { type FindingRecord, recordFinding } from '../../../lambda/findings/finding-record.ts';
import { reconcile } from '../../../lambda/findings/reconcile.ts';
import type { Change } from '../../../lambda/model/correlation-state.ts';
import { linesAt } from '../setup/arbitrary-events.ts';
import { change, event } from '../setup/sample-change.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

const settings = { environment: 'prod', correlateSeconds: 60 };
const slice = { sliceKey: 'scan#airflow-prod-Task#1', alertAt: 'medium' } as const;

/** The finding that a change is, or has become. */
function recordOf(one: Change, known?: FindingRecord): FindingRecord {
  const { target: _, role: __, ...sample } = sampleFinding;
  const [target] = one.targets;
  const [role] = one.roles;
  const found = {
    finding: { ...sample, id: one.id, ...(target && { target }), ...(role && { role }) },
    ...{ logGroup: 'airflow-prod-Task', streamId: 'stream', approved: false },
    ...{ anchorKey: one.anchorKey, anchorEpochMs: one.anchorEpochMs },
  };
  return recordFinding(known, found, slice);
}

const command = change({
  id: 'c'.repeat(32),
  anchorKey: 'echo',
  evidence: [event({ key: 'echo' })],
});
const confirmed = change({
  id: 'd'.repeat(32),
  anchorKey: 'outcome',
  evidence: [event({ key: 'echo' }), event({ key: 'outcome' })],
});

const knownIds = (changes: readonly Change[], records: readonly FindingRecord[]) =>
  reconcile(changes, records).map(({ known }) => known?.finding.id);

test('an unknown change is a new finding', () => {
  expect(reconcile([change()], [])).toEqual([{ change: change() }]);
});

test('a change is the finding with its id', () => {
  const record = recordOf(change());
  expect(reconcile([change()], [record])).toEqual([{ change: change(), known: record }]);
});

test('a command whose outcome arrives late stays the same finding', () => {
  expect(knownIds([confirmed], [recordOf(command)])).toEqual([command.id]);
});

test('a finding that is still derived by itself is not taken over', () => {
  expect(knownIds([command, confirmed], [recordOf(command)])).toEqual([command.id, undefined]);
});

test('a finding whose anchor is not among the lines of a change is not taken over', () => {
  const other = change({ id: 'e'.repeat(32), anchorKey: 'elsewhere' });
  expect(knownIds([confirmed], [recordOf(other)])).toEqual([undefined]);
});

test('among several findings of one line, the one about the same user and role is taken over', () => {
  const about = (user: string, id: string) =>
    recordOf({ ...command, id: id.repeat(32), targets: [user] });
  const eve = { ...confirmed, id: 'f'.repeat(32), targets: ['eve'] };
  const records = [about('eve', '1'), about('bob', '2')];
  expect(knownIds([confirmed, eve], records)).toEqual(['2'.repeat(32), '1'.repeat(32)]);
});

test('if none is about the same user and role, the earliest is taken over', () => {
  const at = (anchorEpochMs: number, id: string) =>
    recordOf({ ...command, id: id.repeat(32), targets: ['eve'], anchorEpochMs });
  expect(knownIds([confirmed], [at(2, '2'), at(1, '1')])).toEqual(['1'.repeat(32)]);
});

describe('whatever arrives late', () => {
  const times = fc.array(
    fc.integer({ min: 0, max: 150_000 }).map((ms) => 1_000_000_000 + ms),
    { maxLength: 10 },
  );
  const drawn = linesAt(times).chain((lines) =>
    fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
  );
  const changesOf = (lines: Parameters<typeof deriveStream>[0]) =>
    deriveStream(lines, Number.MAX_SAFE_INTEGER, settings).changes;

  /** The findings after each line has arrived, in the order of arrival. */
  function findingsAsLinesCome(lines: Parameters<typeof deriveStream>[0]) {
    let records: FindingRecord[] = [];
    for (const count of lines.keys()) {
      const reconciled = reconcile(changesOf(lines.slice(0, count + 1)), records);
      const now = reconciled.map(({ change: one, known }) => recordOf(one, known));
      const touched = new Set(now.map(({ finding }) => finding.id));
      expect(touched.size).toBe(now.length);
      records = [...records.filter(({ finding }) => !touched.has(finding.id)), ...now];
    }
    return records;
  }

  test('each change is one finding, and no two changes share one', () => {
    fc.assert(
      fc.property(drawn, ([lines, coming]) => {
        const records = findingsAsLinesCome(coming);
        const known = knownIds(changesOf(lines), records);
        expect(known).not.toContain(undefined);
        expect(new Set(known).size).toBe(known.length);
      }),
      { numRuns: 300 },
    );
  });

  test('the same changes match the same findings again', () => {
    fc.assert(
      fc.property(drawn, ([lines, coming]) => {
        const records = findingsAsLinesCome(coming);
        const settled = reconcile(changesOf(lines), records);
        const after = new Map(records.map((record) => [record.finding.id, record]));
        for (const { change: one, known } of settled) {
          const now = recordOf(one, known);
          after.set(now.finding.id, now);
        }
        expect(knownIds(changesOf(lines), [...after.values()])).toEqual(
          settled.map(({ known }) => known?.finding.id),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('lines that arrive in order result in the findings of one look at all of them', () => {
    fc.assert(
      fc.property(linesAt(times), (lines) => {
        const inOrder = lines.toSorted((a, b) => a.timestamp - b.timestamp);
        let records: FindingRecord[] = [];
        for (const { timestamp } of inOrder) {
          const horizon = timestamp + 1;
          const read = inOrder.filter((line) => line.timestamp < horizon);
          const { changes } = deriveStream(read, horizon, settings);
          const now = reconcile(changes, records).map(({ change: one, known }) =>
            recordOf(one, known),
          );
          const ids = new Set(now.map(({ finding }) => finding.id));
          records = [...records.filter(({ finding }) => !ids.has(finding.id)), ...now];
        }
        const final = new Set(changesOf(lines).map(({ id }) => id));
        for (const { finding } of records) expect(final).toContain(finding.id);
      }),
      { numRuns: 300 },
    );
  });
});
