import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import type { HttpAnswer, HttpRequest } from '../protocol/read-request.ts';

export const dynamoTargetPrefix = 'DynamoDB_20120810.';

/** Dynalite requires a signature but does not check it; neither do the other endpoints. */
const unsigned = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local, Signature=none, SignedHeaders=none',
  'x-amz-date': '20260101T000000Z',
};
const contentType = 'application/x-amz-json-1.0';

/**
 * In-memory DynamoDB tables, served by dynalite in this process: it receives requests instead of
 * listening, so that one address serves all endpoints.
 *
 * Items never expire: dynalite does not support time to live.
 */
export class DynamoTables {
  readonly #dynalite: Server;

  private constructor(dynalite: Server) {
    this.#dynalite = dynalite;
  }

  /**
   * @param tableNames tables with the string keys `pk` and `sk`
   * @throws Error naming the table that dynalite refuses to create, and why
   */
  static async open(tableNames: readonly string[]): Promise<DynamoTables> {
    // Loaded here, so that only callers with tables wait for it.
    const { default: dynalite } = await import('dynalite');
    const tables = new DynamoTables(dynalite({ createTableMs: 0 }));
    for (const name of tableNames) await tables.#create(name);
    return tables;
  }

  /** Answers one request of a DynamoDB client. */
  answer({ method, path, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    const request = Object.assign(Readable.from([body], { objectMode: false }), {
      method,
      url: path,
      headers: { ...headers, ...unsigned },
    });
    const answered: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader: (name: string, value: string | number) => {
        answered[name.toLowerCase()] = String(value);
      },
      end(text = '') {
        const { 'content-type': type = contentType, ...others } = answered;
        resolve({ status: this.statusCode, contentType: type, body: text, headers: others });
      },
    };
    this.#dynalite.emit('request', request, response);
    return promise;
  }

  async #create(tableName: string): Promise<void> {
    const input = {
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    };
    const { status, body } = await this.answer({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': contentType,
        'x-amz-target': `${dynamoTargetPrefix}CreateTable`,
      },
      body: Buffer.from(JSON.stringify(input)),
    });
    if (status !== 200) throw new Error(`the table ${tableName} cannot be created: ${body}`);
  }
}
