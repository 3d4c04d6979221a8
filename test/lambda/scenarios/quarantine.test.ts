import * as z from 'zod/mini';
import {
  loadUnreported,
  markReported,
  readItem,
  setAside,
} from '../../../lambda/ledger/quarantine.ts';
import { dynaliteLedger } from '../setup/dynalite-ledger.ts';

const ledger = dynaliteLedger();
const key = { pk: 'open#g', sk: 'stream#1' };
const schema = z.object({ name: z.string() });
const keyOf = ({ name }: { readonly name: string }) => ({ pk: 'open#g', sk: `stream#${name}` });

/** The item as it is read. */
async function stored(item: Readonly<Record<string, string | number>>) {
  await ledger.table.putIf({ ...key, ...item }, { expression: 'attribute_not_exists(pk)' });
  const found = await ledger.table.get(key);
  if (found === undefined) throw new Error('the item is not there');
  return found;
}

test.each(['pk', 'sk'] as const)(
  'an item whose content belongs to another %s is set aside',
  async (part) => {
    const item = await stored({ name: '1' });
    const read = (other: typeof key) =>
      readItem(ledger.table, schema, item, { keyOf: () => other });
    expect(await read(keyOf({ name: '1' }))).toEqual({ name: '1' });
    expect(await read({ ...key, [part]: 'another' })).toBeUndefined();
    expect(await ledger.table.get(key)).toBeUndefined();
    expect((await loadUnreported(ledger.table)).items).toMatchObject([
      { itemPk: key.pk, itemSk: key.sk },
    ]);
  },
);

test('an item that was replaced since it was read is left alone', async () => {
  const item = await stored({ name: 'before' });
  await ledger.table.delete(key);
  await stored({ name: 'after' });
  await setAside(ledger.table, item, 'it cannot be read');
  expect(await ledger.table.get(key)).toMatchObject({ name: 'after' });
  expect((await loadUnreported(ledger.table)).items).toHaveLength(1);
});

test('an item that was reported is not reported again', async () => {
  await setAside(ledger.table, await stored({ name: '1' }), 'it cannot be read');
  const [one, ...others] = (await loadUnreported(ledger.table)).items;
  expect(others).toEqual([]);
  if (one !== undefined) await markReported(ledger.table, one, 1_000);
  expect((await loadUnreported(ledger.table)).items).toEqual([]);
});
