import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { awsError } from './aws-error.ts';

type Stored = Record<string, AttributeValue>;

interface Input {
  readonly Item?: Stored;
  readonly Key?: Stored;
  readonly ConditionExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Stored;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly RequestItems?: Record<string, { readonly PutRequest: { readonly Item: Stored } }[]>;
}

/** A DynamoDB table in memory, as far as the ledger uses one; stands in for a client's `send`. */
export class MemoryTable {
  readonly #items = new Map<string, Stored>();
  /** By partition key, the keys of its items. */
  readonly #partitions = new Map<string, Set<string>>();
  readonly calls: { readonly operation: string; readonly input: Input }[] = [];
  readonly #onPut: ((item: Stored, before: Stored | undefined) => void) | undefined;
  readonly #unprocessed: () => boolean;

  /**
   * @param options.onPut told of each item that is written, and of the one that it replaces
   * @param options.unprocessed whether BatchWriteItem leaves an item for another time
   */
  constructor(
    options: {
      readonly onPut?: (item: Stored, before: Stored | undefined) => void;
      readonly unprocessed?: () => boolean;
    } = {},
  ) {
    this.#onPut = options.onPut;
    this.#unprocessed = options.unprocessed ?? (() => false);
  }

  /** Everything that is there, in the order of the keys. */
  items(): Record<string, unknown>[] {
    return [...this.#items.keys()].sort().map((key) => unmarshall(this.#items.get(key) ?? {}));
  }

  /** The items of a partition as they are stored, to be changed in place. */
  raw(pk: string): Stored[] {
    return [...this.#items.values()].filter((item) => item.pk?.S === pk);
  }

  async send(command: { readonly constructor: { readonly name: string }; readonly input: object }) {
    const operation = command.constructor.name.replace(/Command$/, '');
    const input = command.input as Input;
    this.calls.push({ operation, input });
    switch (operation) {
      case 'GetItem':
        return { Item: this.#items.get(keyOf(input.Key)) };
      case 'Query':
        return { Items: this.#query(input) };
      case 'PutItem':
        this.#check(input, input.Item);
        this.#put(input.Item ?? {});
        return {};
      case 'DeleteItem':
        this.#check(input, input.Key);
        this.#items.delete(keyOf(input.Key));
        this.#partitions.get(input.Key?.pk?.S ?? '')?.delete(keyOf(input.Key));
        return {};
      case 'BatchWriteItem':
        return this.#putBatch(input.RequestItems ?? {});
      default:
        throw new Error(`the table in memory knows no ${operation}`);
    }
  }

  #putBatch(requests: NonNullable<Input['RequestItems']>) {
    const left = Object.entries(requests).map(([table, puts]) => {
      const later = puts.filter(() => this.#unprocessed());
      for (const put of puts) if (!later.includes(put)) this.#put(put.PutRequest.Item);
      return [table, later] as const;
    });
    return { UnprocessedItems: Object.fromEntries(left.filter(([, { length }]) => length > 0)) };
  }

  #put(item: Stored): void {
    const key = keyOf(item);
    this.#onPut?.(item, this.#items.get(key));
    const partition = item.pk?.S ?? '';
    this.#items.set(key, item);
    this.#partitions.set(partition, (this.#partitions.get(partition) ?? new Set()).add(key));
  }

  #query({ KeyConditionExpression = '', ExpressionAttributeValues = {} }: Input): Stored[] {
    const values = unmarshall(ExpressionAttributeValues);
    const fits = KeyConditionExpression.includes('begins_with')
      ? (sk: string) => sk.startsWith(values[':beginsWith'])
      : (sk: string) => sk >= values[':from'] && sk <= values[':to'];
    return [...(this.#partitions.get(values[':pk']) ?? [])]
      .map((key) => this.#items.get(key) ?? {})
      .filter(({ sk }) => fits(sk?.S ?? ''))
      .sort((a, b) => ((a.sk?.S ?? '') < (b.sk?.S ?? '') ? -1 : 1));
  }

  #check(input: Input, key: Stored | undefined): void {
    if (input.ConditionExpression === undefined) return;
    const item = unmarshall(this.#items.get(keyOf(key)) ?? {});
    const values = unmarshall(input.ExpressionAttributeValues ?? {});
    if (!holds(input.ConditionExpression, item, values, input.ExpressionAttributeNames ?? {})) {
      throw awsError('ConditionalCheckFailedException', 'The conditional request failed');
    }
  }
}

function keyOf(item: Stored | undefined): string {
  return `${item?.pk?.S}\u0000${item?.sk?.S}`;
}

/** `attribute_not_exists(a)`, `a = :b`, `a < :b`, AND, OR and parentheses. */
function holds(
  expression: string,
  item: Record<string, unknown>,
  values: Record<string, unknown>,
  names: Record<string, string>,
): boolean {
  const tokens = expression.match(/attribute_not_exists\(\w+\)|[()]|[:#]?\w+|[<=]/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let result = both();
    while (tokens[at] === 'OR') {
      at += 1;
      const right = both();
      result = result || right;
    }
    return result;
  };
  const both = (): boolean => {
    let result = one();
    while (tokens[at] === 'AND') {
      at += 1;
      const right = one();
      result = result && right;
    }
    return result;
  };
  const one = (): boolean => {
    const token = tokens[at++] ?? '';
    if (token === '(') {
      const result = either();
      at += 1;
      return result;
    }
    const absent = /^attribute_not_exists\((\w+)\)$/.exec(token)?.[1];
    if (absent !== undefined) return item[absent] === undefined;
    const left = item[names[token] ?? token];
    const operator = tokens[at++];
    const right = values[tokens[at++] ?? ''];
    if (left === undefined) return false;
    return operator === '=' ? left === right : Number(left) < Number(right);
  };
  return either();
}
