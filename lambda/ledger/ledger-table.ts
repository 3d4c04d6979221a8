import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import type { Log } from '../common/log.ts';
import type { Deadline } from '../common/time.ts';
import { defaultLedgerRetentionDays, type RuntimeConfig } from '../plan/runtime-config.ts';
import { type LedgerKey, ledgerSchemaVersion, type UncheckedItem } from './ledger-schema.ts';

/**
 * An item as it is written: its key, and values that are strings, numbers or booleans in DynamoDB.
 */
export type LedgerItem = LedgerKey &
  Readonly<Record<string, string | number | boolean | undefined>>;

export interface LedgerShell extends CallShell {
  readonly dynamo: DynamoDBClient;
  readonly newId: () => string;
  readonly config?: Pick<RuntimeConfig, 'ledgerRetentionDays'>;
}

/** A condition on the item that a write would replace, with its placeholders. */
interface WriteCondition {
  readonly expression: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly names?: Readonly<Record<string, string>>;
}

/** Selects items of a partition by the start of their sort key, or by its range (ends included). */
type KeyRange = { readonly beginsWith: string } | { readonly from: string; readonly to: string };

/** BatchWriteItem's limit: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const itemsPerBatchMax = 25;
/** Every write may be retried: it sets the whole item, or carries its own `writeId`. */
const lostAnswersMax = 5;

/**
 * The calls to the ledger's table: strongly consistent reads, and writes that can be retried.
 *
 * DynamoDB's transactions are not used: each item is valid by itself, and the order of writes makes
 * them consistent.
 */
export class LedgerTable {
  readonly #shell: LedgerShell;
  readonly #tableName: string;
  readonly #deadline: Deadline;

  constructor(shell: LedgerShell, tableName: string, deadline: Deadline) {
    this.#shell = shell;
    this.#tableName = tableName;
    this.#deadline = deadline;
  }

  get log(): Log {
    return this.#shell.log;
  }

  /** How long findings, and the record of what was read, are stored. */
  get retentionDays(): number {
    return this.#shell.config?.ledgerRetentionDays ?? defaultLedgerRetentionDays;
  }

  async get({ pk, sk }: LedgerKey): Promise<UncheckedItem | undefined> {
    const command = new GetItemCommand({
      TableName: this.#tableName,
      Key: marshall({ pk, sk }),
      ConsistentRead: true,
    });
    const { Item } = await this.#call('GetItem', (options) =>
      this.#shell.dynamo.send(command, options),
    );
    return Item === undefined ? undefined : uncheckedItem(Item);
  }

  /** All items of a range, in the order of their sort keys. */
  async query(pk: string, range: KeyRange): Promise<UncheckedItem[]> {
    const items: UncheckedItem[] = [];
    for await (const page of this.pages(pk, range)) items.push(...page);
    return items;
  }

  /** The same, page by page: DynamoDB ends a page after 1 MB. */
  async *pages(pk: string, range: KeyRange): AsyncGenerator<UncheckedItem[]> {
    let startKey: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.#tableName,
        ConsistentRead: true,
        ...keyCondition(pk, range),
        ...(startKey && { ExclusiveStartKey: startKey }),
      });
      const page = await this.#call('Query', (options) =>
        this.#shell.dynamo.send(command, options),
      );
      yield (page.Items ?? []).map(uncheckedItem);
      startKey = page.LastEvaluatedKey;
    } while (startKey !== undefined);
  }

  /** Writes an item, and replaces one that is there. */
  async put(item: LedgerItem): Promise<void> {
    const command = new PutItemCommand({ TableName: this.#tableName, Item: marshalled(item) });
    await this.#call('PutItem', (options) => this.#shell.dynamo.send(command, options));
  }

  /**
   * Writes an item if a condition holds for the one that is there.
   *
   * The item carries a `writeId`: when the answer is lost, the retried write finds its own id and
   * succeeds.
   *
   * @returns whether it was written
   */
  async putIf(
    item: LedgerItem,
    { expression, values = {}, names }: WriteCondition,
  ): Promise<boolean> {
    const writeId = this.#shell.newId();
    const command = new PutItemCommand({
      TableName: this.#tableName,
      Item: marshalled({ ...item, writeId }),
      ConditionExpression: `(${expression}) OR writeId = :writeId`,
      ExpressionAttributeValues: marshall({ ...values, ':writeId': writeId }),
      ...(names && { ExpressionAttributeNames: { ...names } }),
    });
    return this.#conditional('PutItem', (options) => this.#shell.dynamo.send(command, options));
  }

  async delete({ pk, sk }: LedgerKey): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.#tableName,
      Key: marshall({ pk, sk }),
    });
    await this.#call('DeleteItem', (options) => this.#shell.dynamo.send(command, options));
  }

  /**
   * Deletes an item if a condition holds for it.
   *
   * @returns whether the condition held; after a lost answer, false although it was deleted
   */
  async deleteIf({ pk, sk }: LedgerKey, { expression, values }: WriteCondition): Promise<boolean> {
    const command = new DeleteItemCommand({
      TableName: this.#tableName,
      Key: marshall({ pk, sk }),
      ConditionExpression: expression,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    });
    return this.#conditional('DeleteItem', (options) => this.#shell.dynamo.send(command, options));
  }

  /**
   * Writes many items in any order, and replaces those that are there.
   *
   * @returns the items that DynamoDB refuses; the others are written
   */
  async putAll(items: readonly LedgerItem[]): Promise<LedgerItem[]> {
    const refused: LedgerItem[] = [];
    for (let first = 0; first < items.length; first += itemsPerBatchMax) {
      const batch = items.slice(first, first + itemsPerBatchMax);
      try {
        await this.#putBatch(batch);
      } catch (error) {
        if (!isRefusedItem(error)) throw error;
        // DynamoDB refuses a batch as a whole, and does not name the items that cause it.
        for (const item of batch) if (!(await this.#putIfTaken(item))) refused.push(item);
      }
    }
    return refused;
  }

  async #putIfTaken(item: LedgerItem): Promise<boolean> {
    try {
      await this.put(item);
      return true;
    } catch (error) {
      if (isRefusedItem(error)) return false;
      throw error;
    }
  }

  async #putBatch(items: readonly LedgerItem[]): Promise<void> {
    let requests = items.map((item) => ({ PutRequest: { Item: marshalled(item) } }));
    await this.#call('BatchWriteItem', async (options) => {
      const command = new BatchWriteItemCommand({ RequestItems: { [this.#tableName]: requests } });
      const { UnprocessedItems } = await this.#shell.dynamo.send(command, options);
      const left = UnprocessedItems?.[this.#tableName] ?? [];
      if (left.length === 0) return;
      requests = left as typeof requests;
      // As DynamoDB recommends, the rest is sent again after a pause.
      throw Object.assign(new Error(`${left.length} items were not processed`), {
        name: 'ThrottlingException',
      });
    });
  }

  async #conditional<T>(
    operation: string,
    send: (options: { requestTimeout: number }) => Promise<T>,
  ): Promise<boolean> {
    try {
      await this.#call(operation, send);
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }

  #call<T>(operation: string, send: (options: { requestTimeout: number }) => Promise<T>) {
    return callAws(operation, send, this.#shell, this.#deadline, lostAnswersMax);
  }
}

/**
 * An attribute without a value in JavaScript, such as a number of 38 digits, is read as JSON text.
 */
export function uncheckedItem(item: Record<string, AttributeValue>): UncheckedItem {
  const entries = Object.entries(item).map(([name, value]): [string, unknown] => {
    try {
      return [name, unmarshall({ value }).value];
    } catch {
      return [name, JSON.stringify(value)];
    }
  });
  return Object.fromEntries(entries) as UncheckedItem;
}

/**
 * Whether DynamoDB will never accept this item: it is too large, or a key or value is not allowed.
 */
export function isRefusedItem(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'ValidationException' || error.name === 'SerializationException')
  );
}

function keyCondition(pk: string, range: KeyRange) {
  return 'beginsWith' in range
    ? {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :beginsWith)',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':beginsWith': range.beginsWith }),
      }
    : {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':from': range.from, ':to': range.to }),
      };
}

function marshalled(item: LedgerItem) {
  return marshall({ ...item, schema: ledgerSchemaVersion }, { removeUndefinedValues: true });
}
