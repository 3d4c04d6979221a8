/** Pieces of bytes, to be taken in amounts of any size. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #next: Buffer = Buffer.alloc(0);
  /** What reading ended with, to be thrown when everything before it has been taken. */
  #failure: { readonly error: unknown } | undefined;
  #isAtEnd = false;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, which stay to be taken; fewer than asked for only at the end. */
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
   * What comes next, at most so many bytes; undefined at the end.
   *
   * @throws what the pieces' source threw, when all before it has been taken
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

  /** Puts bytes that were taken last in front again. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#next = Buffer.concat([bytes, this.#next]);
  }

  /** All that is left, in pieces as they come. */
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
