import type { LedgerFault } from '../schedule/schedule.ts';
import type { Item } from '../services/dynamo-expression.ts';
import type { World } from '../world/world.ts';
import type { LedgerFaultKind, LedgerPlace } from './fault-kinds.ts';

/** How long before a tick the ledger is changed. */
const aheadMs = 20_000;

/** Schedules what happens to the ledger's items between two ticks. */
export function enterLedgerFaults(world: World): void {
  const { schedule, timeline, time } = world;
  for (const fault of schedule.ledgerFaults) {
    const tickEpochMs = timeline.tickEpochMs[fault.tick];
    if (tickEpochMs !== undefined) time.at(tickEpochMs - aheadMs, () => strike(world, fault));
  }
}

function strike({ dynamo, strikes, chronicle, time }: World, fault: LedgerFault): void {
  const { kind, place, amount } = fault;
  const keys = dynamo.keys().filter((key) => placeOfKey(key) === place);
  const key = keys[Math.floor((amount / 1001) * keys.length)];
  if (key === undefined) return;
  const item = dynamo.item(key.pk, key.sk);
  if (item === undefined) return;
  strikes.count(kind, place);
  chronicle.tell(time.nowEpochMs, () => `the item ${key.pk} / ${key.sk} is struck: ${kind}`);
  if (kind === 'pointed-at-nothing') dynamo.lose(key.pk, key.sk);
  else dynamo.garble(key.pk, key.sk, garbled(kind, item, amount), kind === 'unknown-fields');
}

/** What an item is about, by its key; undefined for an item that no fault strikes. */
export function placeOfKey({
  pk,
  sk,
}: {
  readonly pk: string;
  readonly sk: string;
}): LedgerPlace | undefined {
  switch (pk.split('#')[0]) {
    case 'stream':
      return sk.startsWith('event#') ? 'event' : 'finding';
    case 'pending':
    case 'pending-bus':
    case 'pending-chat':
      return 'pointer';
    case 'open':
      return 'open-stream';
    case 'tick':
      return 'slice';
    case 'mark':
      return 'mark';
    case 'state':
      return 'state';
    default:
      return undefined;
  }
}

function garbled(
  kind: Exclude<LedgerFaultKind, 'pointed-at-nothing'>,
  item: Item,
  amount: number,
): Item {
  const { data } = item;
  switch (kind) {
    case 'unreadable-bytes':
      if (data?.S === undefined) return { ...item, ...firstFieldAs(item, { S: '\ud800{' }) };
      return { ...item, data: { S: data.S.slice(0, Math.floor((data.S.length * amount) / 1001)) } };
    case 'wrong-type': {
      if (data?.S === undefined) return { ...item, ...firstFieldAs(item, { BOOL: true }) };
      const members = Object.entries(JSON.parse(data.S));
      const at = amount % Math.max(1, members.length);
      const changed = members.map(([name, value], index) => [
        name,
        index === at ? [[value]] : value,
      ]);
      return { ...item, data: { S: JSON.stringify(Object.fromEntries(changed)) } };
    }
    case 'unknown-fields':
      return {
        ...item,
        ...{ laterField: { S: 'of a later version' }, laterNumber: { N: '1e30' } },
        ...(data?.S !== undefined && {
          data: { S: JSON.stringify({ ...JSON.parse(data.S), later: { deep: [null, 1e300] } }) },
        }),
      };
  }
}

/** Gives another value to the first attribute that is not a key. */
function firstFieldAs(item: Item, value: Item[string]): Item {
  const name = Object.keys(item).find((each) => !['pk', 'sk', 'schema', 'writeId'].includes(each));
  return name === undefined ? {} : { [name]: value };
}
