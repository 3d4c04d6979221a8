import { kernelCode } from './kernel-code.ts';

/** What the kernel exports; addresses are places in its memory. See kernel/line-kernel.ts. */
interface KernelFunctions {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  freeFrom(): number;
  scan(state: number): number;
  pass(state: number): void;
  search(table: number, from: number, to: number): number;
  writeText(from: number, to: number, into: number): number;
  readBack(reading: number, from: number): number;
  readFourBack(reading: number, from: number): number;
}

/** The types of Node do not have it. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

/** Texts are looked at in steps of 16 bytes, which may reach beyond their end. */
export const paddingBytes = 32;
const pageBytes = 65_536;

let compiled: object | undefined;

/**
 * One instance of the kernel with its memory, which belongs to what it searches for: it is dropped with that,
 * and nothing in it is ever given back.
 */
export class LineKernel {
  readonly run: KernelFunctions;
  /** Its whole memory; another object once it has grown. */
  bytes: Buffer;
  view: DataView;
  /** What its input holds, and where. */
  #input: Uint8Array | undefined;
  #inputAt = 0;
  readonly #inputRoom: MemoryRoom;
  #free: number;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(kernelCode, 'base64'));
    this.run = new WebAssembly.Instance(compiled).exports as KernelFunctions;
    this.#free = this.run.freeFrom();
    this.bytes = Buffer.from(this.run.memory.buffer);
    this.view = new DataView(this.run.memory.buffer);
    this.#inputRoom = new MemoryRoom(this);
  }

  /** Takes memory for good, which is zero at first. @returns its address, a multiple of 16 */
  allocate(count: number): number {
    const at = Math.ceil(this.#free / 16) * 16;
    this.#free = at + count;
    const missing = this.#free + paddingBytes - this.bytes.length;
    if (missing > 0) {
      this.run.memory.grow(Math.ceil(missing / pageBytes));
      this.bytes = Buffer.from(this.run.memory.buffer);
      this.view = new DataView(this.run.memory.buffer);
    }
    return at;
  }

  /**
   * Copies bytes to where input is, unless they are there already.
   *
   * @returns their address; they are followed by bytes that end every string and line
   */
  input(bytes: Uint8Array): number {
    if (this.#input === bytes) return this.#inputAt;
    const at = this.#inputRoom.for(bytes.length);
    this.bytes.set(bytes, at);
    this.bytes.fill(0x0a, at + bytes.length, at + bytes.length + paddingBytes);
    this.#input = bytes;
    this.#inputAt = at;
    return at;
  }
}

/** At first; longer texts are rare. */
const roomBytesMin = 64 * 1024;

/** Memory for one text at a time, as large as the largest. */
export class MemoryRoom {
  readonly #kernel: LineKernel;
  #at = 0;
  #bytes = 0;

  constructor(kernel: LineKernel) {
    this.#kernel = kernel;
  }

  /** @returns where a text of so many bytes and its padding have room */
  for(count: number): number {
    if (count > this.#bytes) {
      this.#bytes = Math.max(roomBytesMin, count, 2 * this.#bytes);
      this.#at = this.#kernel.allocate(this.#bytes + paddingBytes);
    }
    return this.#at;
  }
}
