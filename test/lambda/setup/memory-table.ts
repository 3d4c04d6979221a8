import { unmarshall } from '@aws-sdk/util-dynamodb';
import { SimulatedDynamo } from '../../simulation/services/dynamo.ts';
import type { Item } from '../../simulation/services/dynamo-expression.ts';

/** A DynamoDB table in memory, as far as the ledger uses one; replaces a client's `send`. */
export class MemoryTable {
  readonly #dynamo = new SimulatedDynamo();
  readonly calls: { readonly operation: string; readonly input: object }[] = [];

  /** All items, in the order of the keys. */
  items(): Record<string, unknown>[] {
    return this.#dynamo
      .partitionKeys()
      .flatMap((pk) => this.#dynamo.partition(pk))
      .map((item) => unmarshall(item));
  }

  /** The items of a partition as they are stored, to be changed in place. */
  raw(pk: string): Record<string, Item[string]>[] {
    return this.#dynamo.partition(pk);
  }

  /** Copies all items of another table: changed attributes of one do not affect the other. */
  fill(from: MemoryTable): void {
    for (const pk of from.#dynamo.partitionKeys()) {
      for (const item of from.#dynamo.partition(pk)) {
        this.#dynamo.execute('PutItem', { Item: { ...item } });
      }
    }
  }

  async send(command: { readonly constructor: { readonly name: string }; readonly input: object }) {
    const operation = command.constructor.name.replace(/Command$/, '');
    const { input } = command;
    this.calls.push({ operation, input });
    return this.#dynamo.execute(operation, input);
  }
}
