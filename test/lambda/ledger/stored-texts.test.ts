import fc from 'fast-check';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import {
  loadRefusedTexts,
  type StoredTexts,
  saveRefusedTexts,
} from '../../../lambda/ledger/stored-refusals.ts';
import { healthyMonitor } from '../setup/monitor-fixture.ts';

const plan = { hash: 'plan 1', ids: ['a', 'b', 'c', 'd'] };
const stored: StoredTexts = {
  planHash: plan.hash,
  triedEpochMs: Date.parse('2026-03-01T09:00:00Z'),
  known: {
    refused: [{ id: 'b', message: 'it is wrong', excerpt: 'characters 1 to 2: b' }],
    accepted: [['a']],
    open: [['c', 'd']],
    isSettled: false,
  },
  refusedSince: new Map([['b', Date.parse('2026-03-01T08:50:00Z')]]),
};

function ledger() {
  const { shell, timer, table: memory } = healthyMonitor();
  return { memory, table: new LedgerTable(shell, 'ledger', deadlineIn(timer, 60_000)) };
}

const quarantined = ({ memory }: ReturnType<typeof ledger>) => memory.raw('quarantine').length;

test('what was learnt is read back as it was stored', async () => {
  const { table } = ledger();
  expect(await loadRefusedTexts(table, plan)).toBeUndefined();
  await saveRefusedTexts(table, stored);
  expect(await loadRefusedTexts(table, plan)).toEqual(stored);
});

test('an item of another plan is ignored, and not set aside', async () => {
  const fixture = ledger();
  await saveRefusedTexts(fixture.table, stored);
  const other = { hash: 'plan 2', ids: ['a'] };
  expect(await loadRefusedTexts(fixture.table, other)).toBeUndefined();
  expect(quarantined(fixture)).toBe(0);
});

const changed = (changes: Partial<StoredTexts['known']>): StoredTexts => ({
  ...stored,
  known: { ...stored.known, ...changes },
});

test.each([
  ['a detection is left out', changed({ accepted: [] })],
  ['a detection is there twice', changed({ accepted: [['a', 'b']] })],
  ['a detection is none of the plan', changed({ accepted: [['e']] })],
  ['a list holds one more', changed({ accepted: [['a', 'e']] })],
])('an item in which %s is set aside: no detection may be lost', async (_, bad) => {
  const fixture = ledger();
  await saveRefusedTexts(fixture.table, bad);
  expect(await loadRefusedTexts(fixture.table, plan)).toBeUndefined();
  expect(quarantined(fixture)).toBe(1);
});

test('a message of AWS that is too long is not stored, and everything else continues', async () => {
  const fixture = ledger();
  await saveRefusedTexts(
    fixture.table,
    changed({ refused: [{ id: 'b', message: 'x'.repeat(501) }] }),
  );
  expect(await loadRefusedTexts(fixture.table, plan)).toBeUndefined();
  expect(quarantined(fixture)).toBe(1);
});

test('whatever the item holds, it is read as it was stored, or set aside', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (content) => {
      const fixture = ledger();
      await saveRefusedTexts(fixture.table, stored);
      const [item] = fixture.memory.raw('state');
      if (item !== undefined) item.data = { S: JSON.stringify(content) ?? 'no JSON' };
      const read = await loadRefusedTexts(fixture.table, plan);
      expect(read).toBeUndefined();
      expect(quarantined(fixture)).toBe(1);
    }),
    { numRuns: 50 },
  );
});
