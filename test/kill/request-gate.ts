import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One request as it passed the gate. */
export interface PassedRequest {
  /** `DynamoDB_20120810.PutItem`, `Publish`, `GET /environments/Prod`. */
  readonly operation: string;
  readonly body: Buffer;
}

/** Where to cut: just before request number `at` is passed on, or just after its answer arrives. */
export interface Cut {
  /** Starts at 1. */
  readonly at: number;
  readonly side: 'before' | 'after';
}

/**
 * A proxy between the monitor and the endpoints that sees each request and answer; at a cut, nothing
 * comes through any more in either direction, while what was passed on before is carried out.
 */
export class RequestGate {
  readonly #target: URL;
  readonly #server: Server;
  #cut: Cut | undefined;
  #onCut: () => void = () => {};
  #isShut = false;
  #seen = 0;
  readonly #underWay = new Set<Promise<void>>();
  #lost = 0;
  #carriedOut: PassedRequest[] = [];

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => {
      const passing = this.#pass(incoming, outgoing).catch(() => {});
      this.#underWay.add(passing);
      void passing.finally(() => this.#underWay.delete(passing));
    });
  }

  /** @param target the endpoints' address */
  static async open(target: string): Promise<RequestGate> {
    const gate = new RequestGate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests since {@link watch}. */
  get seen(): number {
    return this.#seen;
  }

  /** Starts to count at zero; calls `onCut` at the cut. */
  watch(cut: Cut | undefined, onCut: () => void): void {
    [this.#cut, this.#onCut, this.#isShut, this.#seen, this.#lost] = [cut, onCut, false, 0, 0];
    this.#carriedOut = [];
  }

  /** From now on nothing passes. */
  shut(): void {
    this.#isShut = true;
  }

  /**
   * What was carried out since {@link watch}, in its order, once all of it is settled; and how many of
   * the answers never came back.
   */
  async settled(): Promise<{
    readonly carriedOut: readonly PassedRequest[];
    readonly lostAnswers: number;
  }> {
    await Promise.all(this.#underWay);
    return { carriedOut: this.#carriedOut, lostAnswers: this.#lost };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    if (this.#isShut) return void outgoing.destroy();
    this.#seen += 1;
    const number = this.#seen;
    if (this.#isCutAt(number, 'before')) return this.#makeCut(outgoing);
    const passed = { operation: operationOf(incoming, body), body };
    const answer = await this.#forward(incoming, body);
    this.#carriedOut.push(passed);
    if (!this.#isShut && this.#isCutAt(number, 'after')) this.#makeCut(outgoing);
    if (this.#isShut) {
      this.#lost += 1;
      return void outgoing.destroy();
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #isCutAt(number: number, side: Cut['side']): boolean {
    return this.#cut?.at === number && this.#cut.side === side;
  }

  #makeCut(outgoing: ServerResponse): void {
    this.shut();
    this.#onCut();
    outgoing.destroy();
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer) {
    const { hostname, port } = this.#target;
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      headers: IncomingMessage['headers'];
      body: Buffer;
    }>();
    const forwarded = request({ hostname, port, method, path: url, headers }, async (response) => {
      const answer = await buffer(response);
      resolve({ status: response.statusCode ?? 500, headers: response.headers, body: answer });
    });
    forwarded.on('error', reject).end(body);
    return promise;
  }
}

function operationOf({ method, url, headers }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target;
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1'))?.[1];
  return action ?? `${method} ${url}`;
}
