import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const pieceBytes = 256 * 1024;

/** Memory for pieces that nobody reads any more: a large file is read in many parts, one after the other. */
const freeRooms: Buffer[] = [];
const freeRoomsMax = 4;

/** A part of a file. */
export interface ByteRange {
  readonly from: number;
  /** The first byte after it. */
  readonly to: number;
}

/**
 * The bytes of a file, a piece at a time. To hand a piece to another thread to be filled takes longer than to fill
 * it, so it is read here.
 */
export class FilePieces {
  readonly #path: string;
  readonly #range: ByteRange | undefined;
  /**
   * Whether a piece may be overwritten once the next one is asked for. Logs of gigabytes would otherwise fill the
   * memory with used pieces, and clearing them away takes as long as searching them.
   */
  mayReuse = false;

  constructor(path: string, range?: ByteRange) {
    this.#path = path;
    this.#range = range;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    // A pipe cannot be read from a place on.
    if (!statSync(this.#path).isFile()) {
      yield* createReadStream(this.#path, { highWaterMark: pieceBytes });
      return;
    }
    const { from = 0, to = Number.POSITIVE_INFINITY } = this.#range ?? {};
    const file = openSync(this.#path, 'r');
    let room = freeRooms.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
    try {
      let at = from;
      while (at < to) {
        const length = readSync(file, room, 0, Math.min(pieceBytes, to - at), at);
        if (length === 0) return;
        at += length;
        yield length === pieceBytes ? room : room.subarray(0, length);
        if (!this.mayReuse) room = Buffer.allocUnsafeSlow(pieceBytes);
        // Other threads wait to be told what to read next.
        await setImmediate();
      }
    } finally {
      closeSync(file);
      if (this.mayReuse && freeRooms.length < freeRoomsMax) freeRooms.push(room);
    }
  }
}
