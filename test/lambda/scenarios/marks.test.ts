import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  claimSlice,
  createMark,
  loadMarks,
  type Mark,
  moveMark,
  type SliceRecord,
} from '../../../lambda/ledger/marks.ts';
import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import { dynaliteLedger, lostAnswer } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const mark: Mark = {
  lane: 'scan',
  logGroup: 'airflow-prod-Task',
  positionEpochMs: 1_000,
  sinceEpochMs: 500,
};

function claimOf({ lane, logGroup, positionEpochMs }: Mark, endEpochMs: number): SliceRecord {
  return {
    ...{ lane, logGroup, startEpochMs: positionEpochMs, endEpochMs, outcome: 'scanned' },
    ...{ tickEpochMs: 9_000, covered: true, rows: 3, bytes: 100, matches: 2 },
    ...{ privilegeChanges: 1, suppressedChanges: 0, lateChanges: 0 },
  };
}

async function created(changes: Partial<Mark> = {}): Promise<Mark> {
  await createMark(ledger.table, { ...mark, ...changes });
  return { ...mark, ...changes };
}

/** Claims a slice of a mark up to a time, which must succeed. */
async function claimedUpTo(before: Mark, endEpochMs: number) {
  const claimed = await claimSlice(ledger.table, before, claimOf(before, endEpochMs));
  if (claimed?.claim === undefined) throw new Error('the slice was not claimed');
  return { ...claimed, claim: claimed.claim };
}

test('an empty ledger has no marks', async () => {
  expect(await loadMarks(ledger.table)).toEqual([]);
});

test('a mark is created once: a later creation does not reset it', async () => {
  await created();
  await createMark(ledger.table, { ...mark, positionEpochMs: 0, sinceEpochMs: 0 });
  expect(await loadMarks(ledger.table)).toEqual([{ ...mark, claim: undefined }]);
});

test('each lane of each log group has its own mark', async () => {
  const marks = [
    ...[await created({ lane: 'far' }), await created({ lane: 'near' })],
    ...[await created(), await created({ logGroup: 'airflow-prod-Worker' })],
  ];
  expect(await loadMarks(ledger.table)).toMatchObject(marks);
});

test('a claim is stored with all its numbers, and the mark has not moved', async () => {
  const claimed = await claimedUpTo(await created(), 2_000);
  expect(claimed).toEqual({ ...mark, claim: claimOf(mark, 2_000) });
  expect(await loadMarks(ledger.table)).toEqual([claimed]);
});

test('a slice is claimed once: its counting tick and its end do not change', async () => {
  const before = await created();
  const claimed = await claimedUpTo(before, 2_000);
  const other = { ...claimOf(before, 3_000), tickEpochMs: 1 };
  expect(await claimSlice(ledger.table, before, other)).toBeUndefined();
  expect(await loadMarks(ledger.table)).toEqual([claimed]);
});

test('a slice is claimed only from the position of the mark', async () => {
  const before = await created();
  await moveMark(ledger.table, await claimedUpTo(before, 2_000));
  expect(await claimSlice(ledger.table, before, claimOf(before, 2_000))).toBeUndefined();
  expect(await loadMarks(ledger.table)).toMatchObject([{ positionEpochMs: 2_000 }]);
});

test.each([
  [999, 2_000],
  [1_001, 2_000],
  [1_000, 1_000],
  [1_000, 900],
])(
  'a slice from %d to %d does not follow the position 1000, and is refused',
  async (start, end) => {
    const before = await created();
    const claim = { ...claimOf(before, end), startEpochMs: start };
    await expect(claimSlice(ledger.table, before, claim)).rejects.toThrow(
      `a slice must begin at the position 1000 and end after it, got ${start} to ${end}`,
    );
    expect(await loadMarks(ledger.table)).toEqual([{ ...mark, claim: undefined }]);
  },
);

test.each<[field: string, changes: Partial<SliceRecord>]>([
  ['bytes', { bytes: 0.5 }],
  ['rows', { rows: Number.NaN }],
  ['privilegeChanges', { privilegeChanges: -1 }],
])('a claim that could not be read back is refused: %s', async (field, changes) => {
  const before = await created();
  const claim = { ...claimOf(before, 2_000), ...changes };
  await expect(claimSlice(ledger.table, before, claim)).rejects.toThrow(
    `ledger item mark / lane#scan#airflow-prod-Task: not written: field "${field}": `,
  );
  expect(await loadMarks(ledger.table)).toEqual([{ ...mark, claim: undefined }]);
});

test('a mark that could not be read back is not written', async () => {
  await expect(created({ positionEpochMs: 0.5 })).rejects.toThrow(
    'not written: field "positionEpochMs": ',
  );
  expect(await loadMarks(ledger.table)).toEqual([]);
});

test('a mark moves to the end of its claim, which is then removed', async () => {
  const moved = await moveMark(ledger.table, await claimedUpTo(await created(), 2_000));
  const scanned = { scannedDayEpochMs: 0, scannedDayBytes: 100 };
  expect(moved).toEqual({ ...mark, positionEpochMs: 2_000, ...scanned });
  expect(await loadMarks(ledger.table)).toEqual([{ ...moved, claim: undefined }]);
});

test('a mark does not move without a claim, nor by a claim with another end', async () => {
  const before = await created();
  const never = { ...before, claim: claimOf(before, 5_000) };
  expect(await moveMark(ledger.table, never)).toBeUndefined();
  await claimedUpTo(before, 2_000);
  expect(await moveMark(ledger.table, never)).toBeUndefined();
  expect(await loadMarks(ledger.table)).toMatchObject([{ positionEpochMs: 1_000 }]);
});

test('finishing an old claim does not move a mark back', async () => {
  const first = await claimedUpTo(await created(), 2_000);
  const second = await moveMark(ledger.table, first);
  if (second === undefined) throw new Error('the mark did not move');
  await moveMark(ledger.table, await claimedUpTo(second, 3_000));
  expect(await moveMark(ledger.table, first)).toBeUndefined();
  expect(await loadMarks(ledger.table)).toMatchObject([{ positionEpochMs: 3_000 }]);
});

test('claims and moves whose answers were lost happen once, and succeed', async () => {
  const before = await created();
  const lostOnce = () => {
    let calls = 0;
    ledger.intercept((send) => (calls++ === 0 ? lostAnswer(send) : send()));
  };
  lostOnce();
  const claimed = await claimedUpTo(before, 2_000);
  lostOnce();
  expect(await moveMark(ledger.table, claimed)).toMatchObject({ positionEpochMs: 2_000 });
});

test('of two invocations that claim at once, one succeeds', async () => {
  const before = await created();
  const claims = [2_000, 3_000].map((end) =>
    claimSlice(ledger.table, before, claimOf(before, end)),
  );
  const done = (await Promise.all(claims)).filter((claimed) => claimed !== undefined);
  expect(done).toHaveLength(1);
  expect(await loadMarks(ledger.table)).toEqual(done);
});

test('a mark that cannot be read is set aside, and the others are read', async () => {
  await created();
  await ledger.table.put({ pk: 'mark', sk: 'lane#scan#airflow-prod-Worker', lane: 'sideways' });
  expect(await loadMarks(ledger.table)).toEqual([{ ...mark, claim: undefined }]);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { itemSk: 'lane#scan#airflow-prod-Worker', problem: expect.stringContaining('"lane"') },
  ]);
});

test('a mark that a later version wrote is refused, and nothing is overwritten', async () => {
  await created();
  const [item] = await ledger.table.query('mark', { beginsWith: 'lane#' });
  const later = marshall({ ...item, schema: 4 });
  await ledger.client.send(new PutItemCommand({ TableName: ledger.tableName, Item: later }));
  await expect(loadMarks(ledger.table)).rejects.toThrow('must be 1, 2 or 3');
  expect((await loadUnreported(ledger.table)).items).toEqual([]);
});

test('a position in the future, which would make a lane read nothing, is set aside', async () => {
  await created();
  expect(await loadMarks(ledger.table, mark.positionEpochMs)).toHaveLength(1);
  expect(await loadMarks(ledger.table, mark.positionEpochMs - 1)).toEqual([]);
});

test.each([
  ['of another form', { data: '{}' }],
  ['with an end in the future', { claimEndEpochMs: 1e15 }],
])('a claim %s is dropped, and its slice is read again from the position', async (_, changes) => {
  await claimedUpTo(await created(), 2_000);
  const [item] = await ledger.table.query('mark', { beginsWith: 'lane#' });
  const broken = marshall({ ...item, ...changes });
  await ledger.client.send(new PutItemCommand({ TableName: ledger.tableName, Item: broken }));
  const [read] = await loadMarks(ledger.table);
  expect(read).toEqual(mark);
  if (read === undefined) throw new Error('the mark is there');
  expect(await claimSlice(ledger.table, read, claimOf(read, 2_000))).toBeDefined();
  expect((await loadUnreported(ledger.table)).items).toHaveLength(1);
});
