import { type LineKernel, paddingBytes } from './line-kernel.ts';

/** An environment has five log groups; of more names than these, only the latest are known. */
const namesMax = 8;
const nameEntryBytes = 12;
const nameBytesMax = 1024;

/** The names of groups or streams that lines were found to have. */
export class NameTable {
  readonly #kernel: LineKernel;
  readonly #entries: number;
  readonly #texts: number;
  readonly #countAt: number;
  #count = 0;
  #next = 0;

  constructor(kernel: LineKernel, entriesAt: number, countAt: number) {
    this.#kernel = kernel;
    this.#entries = kernel.allocate(namesMax * nameEntryBytes);
    this.#texts = kernel.allocate(namesMax * nameBytesMax + paddingBytes);
    this.#countAt = countAt;
    kernel.view.setUint32(entriesAt, this.#entries, true);
  }

  clear(): void {
    this.#count = 0;
    this.#next = 0;
    this.#kernel.view.setUint32(this.#countAt, 0, true);
  }

  /** @returns whether there is room for a name of this length */
  add(from: number, to: number, group: number): boolean {
    if (to - from > nameBytesMax) return false;
    const number = this.#next;
    this.#next = (number + 1) % namesMax;
    this.#count = Math.min(this.#count + 1, namesMax);
    const entry = this.#entries + number * nameEntryBytes;
    const text = this.#texts + number * nameBytesMax;
    const { bytes, view } = this.#kernel;
    bytes.copyWithin(text, from, to);
    view.setUint32(entry, text, true);
    view.setUint32(entry + 4, to - from, true);
    view.setUint32(entry + 8, group, true);
    view.setUint32(this.#countAt, this.#count, true);
    return true;
  }
}
