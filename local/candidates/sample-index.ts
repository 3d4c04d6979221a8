import type { BytePattern } from './byte-patterns.ts';

/** Finds patterns in a few messages: for each pair of bytes it knows the places. */
export class SampleIndex {
  readonly #bytes: Uint8Array;
  /** By pair of bytes, the last place of its second byte, or -1. */
  readonly #places = new Int32Array(0x10000).fill(-1);
  /** By place, the place before it with the same pair. */
  readonly #before: Int32Array;
  readonly #counts = new Uint32Array(0x10000);
  /** By place, the number of its message. */
  readonly #messageOf: Uint32Array;

  readonly #messages: readonly Uint8Array[];

  constructor(messages: readonly Uint8Array[]) {
    this.#messages = messages;
    this.#bytes = Buffer.concat(messages);
    this.#before = new Int32Array(this.#bytes.length);
    this.#messageOf = new Uint32Array(this.#bytes.length);
    let end = 0;
    for (const [number, { length }] of messages.entries()) {
      this.#messageOf.fill(number, end, end + length);
      for (let at = end + 1; at < end + length; at += 1) this.#add(at);
      end += length;
    }
  }

  #add(at: number): void {
    const pair = ((this.#bytes[at - 1] ?? 0) << 8) | (this.#bytes[at] ?? 0);
    this.#before[at] = this.#places[pair] ?? -1;
    this.#places[pair] = at;
    this.#counts[pair] = (this.#counts[pair] ?? 0) + 1;
  }

  get messagesCount(): number {
    return this.#messages.length;
  }

  lengthOf(message: number): number {
    return this.#messages[message]?.length ?? 0;
  }

  /** Of a message. */
  get meanLength(): number {
    return this.#bytes.length / Math.max(1, this.#messages.length);
  }

  /** How often the pairs that may end at a place of a pattern occur. */
  countAt(pattern: BytePattern, end: number): number {
    const last = pattern[end] ?? [];
    let sum = 0;
    for (const before of pattern[end - 1] ?? anyByte) {
      for (const byte of last) sum += this.#counts[(before << 8) | byte] ?? 0;
    }
    return sum;
  }

  /** Where the rarest pair of a pattern ends in it. */
  rarestEnd(pattern: BytePattern): number {
    let best = Math.min(1, pattern.length - 1);
    let least = this.countAt(pattern, best);
    for (let end = best + 1; end < pattern.length && least > 0; end += 1) {
      const count = this.countAt(pattern, end);
      if (count >= least) continue;
      least = count;
      best = end;
    }
    return best;
  }

  /** How often a pattern of two bytes or more occurs. */
  countOf(pattern: BytePattern): number {
    const end = this.rarestEnd(pattern);
    let count = 0;
    for (const pair of pairsAt(pattern, end)) {
      for (let at = this.#places[pair] ?? -1; at >= 0; at = this.#before[at] ?? -1) {
        if (this.#isAt(pattern, at - end)) count += 1;
      }
    }
    return count;
  }

  /** The numbers of the messages that contain at least one of some patterns. */
  messagesWith(patterns: readonly BytePattern[]): ReadonlySet<number> {
    const found = new Set<number>();
    for (const pattern of patterns) {
      const end = this.rarestEnd(pattern);
      for (const pair of pairsAt(pattern, end)) {
        for (let at = this.#places[pair] ?? -1; at >= 0; at = this.#before[at] ?? -1) {
          if (this.#isAt(pattern, at - end)) found.add(this.#messageOf[at] ?? 0);
        }
      }
    }
    return found;
  }

  /** How often so many bytes occur together, up to four, as a little-endian number. */
  grams(length: number): Map<number, number> {
    const counts = new Map<number, number>();
    const top = 8 * (length - 1);
    let gram = 0;
    for (const [at, byte] of this.#bytes.entries()) {
      gram = (gram >>> 8) | (byte << top);
      const first = at - length + 1;
      if (first < 0 || this.#messageOf[first] !== this.#messageOf[at]) continue;
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    return counts;
  }

  #isAt(pattern: BytePattern, start: number): boolean {
    const end = start + pattern.length - 1;
    if (start < 0 || this.#messageOf[start] !== this.#messageOf[end]) return false;
    return pattern.every((bytes, index) => bytes.includes(this.#bytes[start + index] ?? -1));
  }
}

/** The pairs of bytes that may end at a place of a pattern; any byte may precede its first one. */
export function pairsAt(pattern: BytePattern, end: number): number[] {
  const last = pattern[end] ?? [];
  const before = pattern[end - 1] ?? anyByte;
  if (before.length === 1 && last.length === 1) return [((before[0] ?? 0) << 8) | (last[0] ?? 0)];
  return before.flatMap((one) => last.map((other) => (one << 8) | other));
}

export const anyByte = Array.from({ length: 256 }, (_, byte) => byte);
