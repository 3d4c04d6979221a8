import type {
  BatchWriteItemCommandInput,
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { holds, type Item, type Placeholders } from './dynamo-expression.ts';
import { serviceError } from './service-error.ts';

/** One write as it took place. */
export interface Write {
  readonly pk: string;
  readonly sk: string;
  readonly before: Item | undefined;
  /** Absent after a deletion. */
  readonly after: Item | undefined;
}

/** An item that changed without a call. */
export interface GarbledItem {
  readonly pk: string;
  readonly sk: string;
  /** The item before it changed. */
  readonly before: Item;
  /** Whether it still says the same. */
  readonly isReadable: boolean;
}

interface Partition {
  readonly items: Map<string, Item>;
  /** In order; undefined after a key was added or removed. */
  sorted: string[] | undefined;
}

/** A page of a query ends once it exceeds this many bytes. */
const defaultPageBytes = 1_000_000;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html */
const defaultItemBytesMax = 400 * 1024;

const nothing: Item = {};

/**
 * One DynamoDB table with the string keys `pk` and `sk`, as far as the ledger uses one: a
 * test compares it with dynalite.
 */
export class SimulatedDynamo {
  readonly #partitions = new Map<string, Partition>();
  readonly #pageBytes: number;
  readonly #itemBytesMax: number;
  /** What items were before they were garbled. */
  readonly #truth = new Map<string, Item>();
  /** Items that were garbled or lost, as they were. */
  readonly garbled: GarbledItem[] = [];
  readonly #onWrite: (write: Write) => void;

  constructor({
    pageBytes = defaultPageBytes,
    itemBytesMax = defaultItemBytesMax,
    onWrite = () => {},
  }: {
    readonly pageBytes?: number;
    readonly itemBytesMax?: number;
    readonly onWrite?: (write: Write) => void;
  } = {}) {
    this.#pageBytes = pageBytes;
    this.#itemBytesMax = itemBytesMax;
    this.#onWrite = onWrite;
  }

  /** @param processedMax how many items of a batch are written; the others are left unprocessed */
  execute(operation: string, input: object, processedMax = Number.POSITIVE_INFINITY): object {
    switch (operation) {
      case 'GetItem':
        return this.#get(input as GetItemCommandInput);
      case 'Query':
        return this.#query(input as QueryCommandInput);
      case 'PutItem':
        return this.#put(input as PutItemCommandInput);
      case 'DeleteItem':
        return this.#delete(input as DeleteItemCommandInput);
      case 'BatchWriteItem':
        return this.#batchWrite(input as BatchWriteItemCommandInput, processedMax);
      default:
        throw new Error(`the simulated DynamoDB does not know ${operation}`);
    }
  }

  item(pk: string, sk: string): Item | undefined {
    return this.#truth.get(truthKey(pk, sk)) ?? this.#stored(pk, sk);
  }

  partition(pk: string): Item[] {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return [];
    return sortedKeys(partition)
      .map((sk) => this.item(pk, sk))
      .filter((item) => item !== undefined);
  }

  /**
   * Replaces an item without a call. Until it is written again, calls read the new item, and the
   * invariants see the old one.
   *
   * @param isReadable whether it says the same in another form, which the monitor must understand
   */
  garble(pk: string, sk: string, item: Item, isReadable: boolean): void {
    const before = this.item(pk, sk);
    if (before === undefined) return;
    this.#truth.set(truthKey(pk, sk), before);
    this.#partitions.get(pk)?.items.set(sk, item);
    this.garbled.push({ pk, sk, before, isReadable });
  }

  /** Removes an item without a call. */
  lose(pk: string, sk: string): void {
    const before = this.item(pk, sk);
    const partition = this.#partitions.get(pk);
    if (before === undefined || partition === undefined) return;
    partition.items.delete(sk);
    partition.sorted = undefined;
    this.garbled.push({ pk, sk, before, isReadable: false });
  }

  /** The keys of all items, in order. */
  keys(): { readonly pk: string; readonly sk: string }[] {
    return this.partitionKeys().flatMap((pk) => {
      const partition = this.#partitions.get(pk);
      return partition === undefined ? [] : sortedKeys(partition).map((sk) => ({ pk, sk }));
    });
  }

  partitionKeys(): string[] {
    return [...this.#partitions.keys()].sort();
  }

  #stored(pk: string, sk: string): Item | undefined {
    return this.#partitions.get(pk)?.items.get(sk);
  }

  #get({ Key }: GetItemCommandInput): object {
    const { pk, sk } = keyOf(Key);
    const item = this.#stored(pk, sk);
    return item === undefined ? {} : { Item: item };
  }

  #query(input: QueryCommandInput): object {
    const { KeyConditionExpression = '', ExclusiveStartKey } = input;
    const given = placeholders(input);
    const pk = given.values[':pk']?.S ?? '';
    const partition = this.#partitions.get(pk);
    const items: Item[] = [];
    let bytes = 0;
    for (const sk of partition === undefined ? [] : sortedKeys(partition)) {
      if (ExclusiveStartKey !== undefined && sk <= (ExclusiveStartKey.sk?.S ?? '')) continue;
      const item = partition?.items.get(sk);
      if (item === undefined || !holds(KeyConditionExpression, item, given)) continue;
      items.push(item);
      bytes += bytesOf(item);
      if (bytes > this.#pageBytes) {
        return { Items: items, LastEvaluatedKey: { pk: { S: pk }, sk: { S: sk } } };
      }
    }
    return { Items: items };
  }

  #put(input: PutItemCommandInput): object {
    const { pk, sk } = keyOf(input.Item);
    this.#checkSize(input.Item);
    this.#check(pk, sk, input);
    this.#write(pk, sk, input.Item);
    return {};
  }

  #delete(input: DeleteItemCommandInput): object {
    const { pk, sk } = keyOf(input.Key);
    this.#check(pk, sk, input);
    this.#write(pk, sk, undefined);
    return {};
  }

  #batchWrite({ RequestItems = {} }: BatchWriteItemCommandInput, processedMax: number): object {
    const [[table, requests] = ['', []]] = Object.entries(RequestItems);
    const keys = new Set(requests.map(({ PutRequest }) => JSON.stringify(keyOf(PutRequest?.Item))));
    if (requests.length > 25 || keys.size < requests.length) {
      throw serviceError('ValidationException', 'a batch holds 25 different items at the most');
    }
    for (const { PutRequest } of requests) this.#checkSize(PutRequest?.Item);
    for (const { PutRequest } of requests.slice(0, processedMax)) {
      const { pk, sk } = keyOf(PutRequest?.Item);
      this.#write(pk, sk, PutRequest?.Item);
    }
    const left = requests.slice(processedMax);
    return { UnprocessedItems: left.length === 0 ? {} : { [table]: left } };
  }

  #check(pk: string, sk: string, input: PutItemCommandInput | DeleteItemCommandInput): void {
    const { ConditionExpression } = input;
    if (ConditionExpression === undefined) return;
    if (!holds(ConditionExpression, this.#stored(pk, sk) ?? nothing, placeholders(input))) {
      throw serviceError('ConditionalCheckFailedException', 'The conditional request failed');
    }
  }

  #checkSize(item: Item = nothing): void {
    if (bytesOf(item) <= this.#itemBytesMax) return;
    throw serviceError('ValidationException', 'Item size has exceeded the maximum allowed size');
  }

  #write(pk: string, sk: string, after: Item | undefined): void {
    const partition = this.#partitions.get(pk) ?? { items: new Map(), sorted: undefined };
    this.#partitions.set(pk, partition);
    const before = this.item(pk, sk);
    this.#truth.delete(truthKey(pk, sk));
    if (after === undefined) partition.items.delete(sk);
    else partition.items.set(sk, after);
    if ((before === undefined) !== (after === undefined)) partition.sorted = undefined;
    this.#onWrite({ pk, sk, before, after });
  }
}

function truthKey(pk: string, sk: string): string {
  return `${pk} ${sk}`;
}

function keyOf(item: Item = nothing): { readonly pk: string; readonly sk: string } {
  const { pk, sk } = item;
  if (pk?.S === undefined || sk?.S === undefined) {
    throw serviceError('ValidationException', 'an item needs the keys pk and sk');
  }
  return { pk: pk.S, sk: sk.S };
}

function sortedKeys(partition: Partition): readonly string[] {
  partition.sorted ??= [...partition.items.keys()].sort();
  return partition.sorted;
}

function placeholders(
  input: Pick<PutItemCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>,
): Placeholders {
  return {
    values: input.ExpressionAttributeValues ?? nothing,
    names: input.ExpressionAttributeNames ?? {},
  };
}

/** As DynamoDB counts: names and values, in bytes of UTF-8. */
function bytesOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += name.length + Buffer.byteLength(value.S ?? value.N ?? ' ');
  }
  return bytes;
}
