import type { Delivery, FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { loadUnreported } from '../../../lambda/ledger/quarantine.ts';
import {
  findFinding,
  keepOnList,
  LedgerConflictError,
  loadFindings,
  saveFinding,
} from '../../../lambda/ledger/stored-findings.ts';
import { dynaliteLedger, lostAnswer } from '../setup/dynalite-ledger.ts';
import { loadPendingFindings } from '../setup/pending-findings.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

const ledger = dynaliteLedger();
const record: FindingRecord = {
  finding: sampleFinding,
  ...{ logGroup: 'airflow-prod-Task', streamId: 'aa', anchorKey: 'anchor', anchorEpochMs: 1_000 },
  ...{ approved: false, unknownPublishes: 0, delivery: { status: 'pending' }, revision: 0 },
};
const notified: Delivery = { status: 'notified', severity: 'critical' };
const withheld: Delivery = { status: 'withheld' };
const claimed: Delivery = { status: 'claimed', claimId: 'c', untilEpochMs: 9, told: 'high' };

const save = (changes: Partial<FindingRecord> = {}) =>
  saveFinding(ledger.table, { ...record, ...changes });
const idOf = (digit: string) => ({ finding: { ...sampleFinding, id: digit.repeat(32) } });
const load = (fromEpochMs = 0, toEpochMs = 9_000, streamId = 'aa') =>
  loadFindings(ledger.table, streamId, { fromEpochMs, toEpochMs });
const waitingIds = async () =>
  (await loadPendingFindings(ledger.table)).map(({ finding }) => finding.id[0]);
const pointers = async () =>
  (await ledger.table.query('pending', { beginsWith: 'finding#' })).length;

/** The keys of all writes, in their order. */
function writes(): string[] {
  const keys: string[] = [];
  ledger.intercept((send, { operation, input }) => {
    const text = JSON.stringify(input);
    keys.push(`${operation} ${/"pk":\{"S":"(\w+)/.exec(text)?.[1]}`);
    return send();
  });
  return keys;
}

test('a finding is read as it was saved, with its new revision', async () => {
  const full: FindingRecord = {
    ...record,
    ...{ countedIn: 'scan#g#1', initial: true, minimal: true, unknownPublishes: 2 },
    delivery: claimed,
  };
  expect(await saveFinding(ledger.table, full)).toEqual({ ...full, revision: 1 });
  expect(await load()).toEqual([{ ...full, revision: 1 }]);
  expect(await findFinding(ledger.table, full)).toEqual({ ...full, revision: 1 });
});

test('a finding that does not exist yet is not found', async () => {
  expect(await findFinding(ledger.table, record)).toBeUndefined();
  expect(await load()).toEqual([]);
});

test('a span returns the findings of one stream whose anchors lie in it, both ends included', async () => {
  for (const [digit, anchorEpochMs] of [
    ['a', 999],
    ['b', 1_000],
    ['f', 2_000],
    ['d', 2_001],
  ] as const) {
    await save({ ...idOf(digit), anchorEpochMs });
  }
  await save({ ...idOf('e'), streamId: 'bb' });
  const found = await load(1_000, 2_000);
  expect(found.map(({ finding }) => finding.id[0])).toEqual(['b', 'f']);
});

describe('a finding that another invocation has written since it was read', () => {
  test('is not overwritten by a new one', async () => {
    await save();
    await expect(save({ approved: true })).rejects.toThrow(LedgerConflictError);
    expect(await load()).toMatchObject([{ approved: false, revision: 1 }]);
  });

  test('is not overwritten when it has another revision', async () => {
    const first = await save();
    await saveFinding(ledger.table, { ...first, delivery: notified });
    await expect(saveFinding(ledger.table, first)).rejects.toThrow(
      `finding ${sampleFinding.id} was written by another invocation`,
    );
    expect(await load()).toMatchObject([{ delivery: notified, revision: 2 }]);
  });

  test('is not one whose own write had a lost answer', async () => {
    let lost = 0;
    ledger.intercept((send, { operation }) =>
      operation === 'PutItem' && lost++ < 3 ? lostAnswer(send) : send(),
    );
    expect(await save()).toMatchObject({ revision: 1 });
  });
});

describe('the list of pending findings', () => {
  test('holds those that are pending and those whose publish is under way', async () => {
    await save(idOf('a'));
    await save({ ...idOf('b'), delivery: claimed });
    await save({ ...idOf('c'), delivery: withheld });
    await save({ ...idOf('d'), delivery: notified });
    expect(await waitingIds()).toEqual(['a', 'b']);
  });

  test('is written before the finding, so that no pending finding is missing from it', async () => {
    const keys = writes();
    await save();
    expect(keys).toEqual(['PutItem pending', 'PutItem stream']);
  });

  test('loses a finding after it is notified, not before', async () => {
    const saved = await save();
    const keys = writes();
    await saveFinding(ledger.table, { ...saved, delivery: notified });
    expect(keys).toEqual(['PutItem stream', 'DeleteItem pending']);
    expect(await pointers()).toBe(0);
  });

  test('contains a finding again that got worse', async () => {
    const saved = await save({ delivery: notified });
    await saveFinding(ledger.table, { ...saved, delivery: { status: 'pending', told: 'high' } });
    expect(await waitingIds()).toEqual(['0']);
  });

  test('takes no write for a new finding that is not notified', async () => {
    const keys = writes();
    await save({ delivery: withheld });
    expect(keys).toEqual(['PutItem stream']);
  });

  test('loses entries whose finding does not exist or was notified already', async () => {
    const kill = () => Promise.reject(new Error('the process was killed'));
    ledger.intercept((send, { input }) =>
      JSON.stringify(input).includes('stream#') ? kill() : send(),
    );
    await expect(save(idOf('a'))).rejects.toThrow('killed');
    ledger.intercept((send) => send());
    const told = await save(idOf('b'));
    ledger.intercept((send, { operation }) => (operation === 'DeleteItem' ? kill() : send()));
    await expect(saveFinding(ledger.table, { ...told, delivery: notified })).rejects.toThrow(
      'killed',
    );
    ledger.intercept((send) => send());
    await save(idOf('c'));
    expect(await pointers()).toBe(3);
    expect(await waitingIds()).toEqual(['c']);
    expect(await pointers()).toBe(1);
  });
});

test('a pending finding never expires; a notified one expires 400 days after its last line', async () => {
  const expiryOf = async () =>
    (await ledger.table.query('stream#aa', { beginsWith: 'finding#' }))[0]?.expiresAt;
  const saved = await save();
  expect(await expiryOf()).toBeUndefined();
  await saveFinding(ledger.table, { ...saved, delivery: notified });
  const lastSeconds = Date.parse(sampleFinding.lastSeen) / 1000;
  expect(await expiryOf()).toBe(Math.ceil(lastSeconds) + 400 * 86_400);
});

test('an invalid finding is set aside, and the others are read', async () => {
  await save(idOf('e'));
  const data = JSON.stringify({ ...record, delivery: { status: 'lost' }, revision: undefined });
  const sk = `finding#0000000001000#${sampleFinding.id}`;
  await ledger.table.put({ pk: 'stream#aa', sk, revision: 1, data });
  expect((await load()).map(({ finding }) => finding.id[0])).toEqual(['e']);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { itemPk: 'stream#aa', itemSk: sk, problem: expect.stringContaining('data.delivery.status') },
  ]);
});

test('a finding that was set aside can be found and stored again', async () => {
  const sk = `finding#0000000001000#${sampleFinding.id}`;
  await ledger.table.put({ pk: 'stream#aa', sk, revision: 7, data: 'garbage' });
  expect(await load()).toEqual([]);
  await save();
  expect(await load()).toHaveLength(1);
});

test('a finding with an empty name, which version 1 could not read, is read without it', async () => {
  const data = JSON.stringify({ ...record, finding: { ...sampleFinding, target: '' } });
  const sk = `finding#0000000001000#${sampleFinding.id}`;
  await ledger.table.put({ pk: 'stream#aa', sk, revision: 1, data });
  const [read] = await load();
  expect(read?.finding.target).toBeUndefined();
});

test('a finding with a line of evidence that breaks a rule is stored without that line', async () => {
  const [line] = sampleFinding.evidence;
  if (line === undefined) throw new Error('the sample has evidence');
  const evidence = [line, { ...line, logStream: '' }];
  await save({ finding: { ...sampleFinding, evidence } });
  expect((await load())[0]?.finding.evidence).toEqual([line]);
});

test('a finding that DynamoDB refuses for its size is stored with less evidence', async () => {
  const [line] = sampleFinding.evidence;
  if (line === undefined) throw new Error('the sample has evidence');
  const evidence = Array.from({ length: 100 }, () => ({ ...line, message: 'x'.repeat(5_000) }));
  const saved = await save({ finding: { ...sampleFinding, evidence } });
  expect(saved.finding.evidence).toHaveLength(20);
  expect((await load())[0]).toEqual(saved);
});

test('an entry with an invalid order is stored without it, and its finding is delivered', async () => {
  await keepOnList(ledger.table, { ...record, finding: { ...sampleFinding, firstSeen: 'never' } });
  const [item] = await ledger.table.query('pending', { beginsWith: 'finding#' });
  expect(item).toMatchObject({ findingId: sampleFinding.id, streamId: 'aa' });
  expect(item).not.toHaveProperty('firstSeenEpochMs');
});

test('an entry without the place of its finding is not stored, and that is reported', async () => {
  await keepOnList(ledger.table, { ...record, anchorEpochMs: 0.5 });
  expect(await pointers()).toBe(0);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([
    { itemPk: 'pending', problem: expect.stringMatching(/^not stored: field "anchorEpochMs"/) },
  ]);
});

test('an entry of the list that cannot be read is set aside, and the others are reported', async () => {
  await save(idOf('e'));
  await ledger.table.put({ pk: 'pending', sk: 'finding#x', streamId: 7 });
  expect(await waitingIds()).toEqual(['e']);
  expect((await loadUnreported(ledger.table)).items).toMatchObject([{ itemSk: 'finding#x' }]);
});
