/** A stream of byte pieces that can be read in any amounts. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #next: Buffer = Buffer.alloc(0);
  /** The error that ended reading; thrown once all bytes before it are taken. */
  #failure: { readonly error: unknown } | undefined;
  #isAtEnd = false;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, without taking them; fewer than requested only at the end. */
  async peek(count: number): Promise<Buffer> {
    const held: Buffer[] = [this.#next];
    let bytes = this.#next.length;
    while (bytes < count && !this.#isAtEnd) {
      const piece = await this.#read();
      if (piece === undefined) break;
      held.push(piece);
      bytes += piece.length;
    }
    this.#next = held.length === 1 ? this.#next : Buffer.concat(held);
    return this.#next.subarray(0, count);
  }

  /**
   * The next bytes, at most `max`; undefined at the end.
   *
   * @throws the source's error, once all bytes before it are taken
   */
  async take(max: number): Promise<Buffer | undefined> {
    if (this.#next.length === 0) this.#next = (await this.#read()) ?? this.#next;
    if (this.#next.length === 0) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return undefined;
    }
    const taken = this.#next.subarray(0, max);
    this.#next = this.#next.subarray(taken.length);
    return taken;
  }

  /** Puts back bytes that were taken last. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#next = Buffer.concat([bytes, this.#next]);
  }

  /** All remaining bytes, in pieces as they arrive. */
  async *rest(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const piece = await this.take(Number.POSITIVE_INFINITY);
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #read(): Promise<Buffer | undefined> {
    if (this.#isAtEnd) return undefined;
    try {
      for (;;) {
        const { done, value } = await this.#pieces.next();
        if (done) break;
        if (value.length > 0) return value;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#isAtEnd = true;
    return undefined;
  }
}
