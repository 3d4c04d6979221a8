import type { LineKernel } from '../line-kernel/line-kernel.ts';
import type { BytePattern } from './byte-patterns.ts';

/** A pattern, and the numbers of those who search for it. */
export interface SearchedPattern {
  readonly pattern: BytePattern;
  readonly owners: readonly number[];
}

/** The kernel compares 16 bytes at once. */
export const patternBytesMax = 16;

/** The fields of a pattern: as `Pattern` in kernel/search-literals.ts. */
const field = {
  value: 0,
  fold: 16,
  mask: 32,
  length: 48,
  fingerprintAt: 52,
  owners: 56,
  choices: 60,
  choicesCount: 64,
} as const;
const choice = { place: 0, table: 4, bytes: 8 } as const;
export const writtenBytes = 80;
const letterCase = 0x20;

/** How one byte is compared: `(byte | fold) ^ value` must be zero where `mask` is not. */
interface ByteTest {
  readonly value: number;
  readonly fold: number;
  readonly mask: number;
}

const anyByteTest: ByteTest = { value: 0, fold: 0, mask: 0 };

/** Several bytes other than a letter in both cases are any byte to it: they are a choice. */
export function byteTest(possible: readonly number[] | undefined): ByteTest {
  const [first = 0, second = first] = possible ?? [];
  if (possible === undefined || possible.length > 2) return anyByteTest;
  if (first === second) return { value: first, fold: 0, mask: 0xff };
  if ((first ^ second) !== letterCase) return anyByteTest;
  return { value: first | letterCase, fold: letterCase, mask: 0xff };
}

/** Writes a pattern as the kernel compares it. @param at its address, of {@link writtenBytes} zeros */
export function writePattern(
  kernel: LineKernel,
  at: number,
  { pattern, owners }: SearchedPattern,
  { ownerWords, fingerprintAt = 0 }: { ownerWords: number; fingerprintAt?: number },
): void {
  const ownersAt = kernel.allocate(ownerWords * 4);
  const choices = [...pattern.entries()].filter(([, possible]) => byteTest(possible).mask === 0);
  const choicesAt = kernel.allocate(choices.length * choice.bytes);
  for (const [number, [place, possible]] of choices.entries()) {
    const tableAt = choiceTable(kernel, possible);
    kernel.view.setUint32(choicesAt + number * choice.bytes + choice.place, place, true);
    kernel.view.setUint32(choicesAt + number * choice.bytes + choice.table, tableAt, true);
  }
  const { bytes, view } = kernel;
  view.setUint32(at + field.choices, choicesAt, true);
  view.setUint32(at + field.choicesCount, choices.length, true);
  for (const [place, possible] of pattern.entries()) {
    const { value, fold, mask } = byteTest(possible);
    bytes[at + field.value + place] = value;
    bytes[at + field.fold + place] = fold;
    bytes[at + field.mask + place] = mask;
  }
  view.setUint32(at + field.length, pattern.length, true);
  view.setUint32(at + field.fingerprintAt, fingerprintAt, true);
  view.setUint32(at + field.owners, ownersAt, true);
  for (const owner of owners) {
    const word = ownersAt + (owner >> 5) * 4;
    view.setUint32(word, view.getUint32(word, true) | (1 << (owner & 31)), true);
  }
}

/** By kernel and possible bytes: patterns have few different choices. */
const knownTables = new WeakMap<LineKernel, Map<string, number>>();

/** The address of a table of bytes, 1 for each one that is possible. */
function choiceTable(kernel: LineKernel, possible: readonly number[]): number {
  const tables = knownTables.get(kernel) ?? new Map<string, number>();
  knownTables.set(kernel, tables);
  const name = possible.join();
  const known = tables.get(name);
  if (known !== undefined) return known;
  const at = kernel.allocate(256);
  for (const byte of possible) kernel.bytes[at + byte] = 1;
  tables.set(name, at);
  return at;
}
