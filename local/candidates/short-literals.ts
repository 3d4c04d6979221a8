import type { LineKernel } from '../line-kernel/line-kernel.ts';
import type { SampleIndex } from './sample-index.ts';
import { byteTest, type SearchedPattern, writePattern, writtenBytes } from './written-pattern.ts';

const fingerprintBytes = 3;
const bucketsCount = 8;
/** As `Short` and `Fingerprint` in kernel/search-literals.ts. */
const table = { masks: 0, buckets: 96, tail: 132, fingerprints: 144 } as const;
const written = { value: 0, fold: 4, mask: 8, patterns: 12, end: 16, bytes: 20 } as const;

/** Three places of patterns, with the bytes that are possible there: all of them after the end of a pattern. */
type Fingerprint = readonly (readonly number[])[];

/** Patterns that are found by the same three bytes. */
export interface ShortLiterals {
  readonly fingerprint: Fingerprint;
  readonly patterns: readonly (SearchedPattern & {
    /** Where the fingerprint begins in the pattern. */
    readonly fingerprintAt: number;
  })[];
}

/**
 * Writes the table of short patterns.
 *
 * @param buckets as {@link placeShort} fills them
 * @returns its address
 */
export function writeShortLiterals(
  kernel: LineKernel,
  buckets: readonly (readonly ShortLiterals[])[],
  ownerWords: number,
): number {
  const count = buckets.reduce((sum, { length }) => sum + length, 0);
  const address = kernel.allocate(table.fingerprints + count * written.bytes);
  let at = address + table.fingerprints;
  for (const [bucket, members] of buckets.entries()) {
    kernel.view.setUint32(address + table.buckets + bucket * 4, at, true);
    for (const { fingerprint, patterns: ofFingerprint } of members) {
      addMasks(kernel, address + table.masks, bucket, fingerprint);
      const first = kernel.allocate(ofFingerprint.length * writtenBytes);
      for (const [number, one] of ofFingerprint.entries()) {
        const { fingerprintAt } = one;
        writePattern(kernel, first + number * writtenBytes, one, { ownerWords, fingerprintAt });
      }
      const { bytes, view } = kernel;
      for (const [place, possible] of fingerprint.entries()) {
        const { value, fold, mask } = byteTest(possible);
        bytes[at + written.value + place] = value;
        bytes[at + written.fold + place] = fold;
        bytes[at + written.mask + place] = mask;
      }
      view.setUint32(at + written.patterns, first, true);
      view.setUint32(at + written.end, first + ofFingerprint.length * writtenBytes, true);
      at += written.bytes;
    }
  }
  kernel.view.setUint32(address + table.buckets + bucketsCount * 4, at, true);
  kernel.view.setUint32(address + table.tail, tailOf(buckets), true);
  return address;
}

/** How many of the last places of a text no fingerprint can have, as the pattern would not end in the text. */
function tailOf(buckets: readonly (readonly ShortLiterals[])[]): number {
  const patterns = buckets.flat().flatMap((one) => one.patterns);
  if (patterns.length === 0) return 0;
  return Math.min(...patterns.map((one) => one.pattern.length - one.fingerprintAt)) - 1;
}

function addMasks(
  kernel: LineKernel,
  masks: number,
  bucket: number,
  fingerprint: Fingerprint,
): void {
  const { bytes } = kernel;
  for (const [place, possible] of fingerprint.entries()) {
    for (const byte of possible) {
      const low = masks + place * 32 + (byte & 0x0f);
      const high = masks + place * 32 + 16 + (byte >> 4);
      bytes[low] = (bytes[low] as number) | (1 << bucket);
      bytes[high] = (bytes[high] as number) | (1 << bucket);
    }
  }
}

/** One byte for each half that a byte can have. */
const anyNibbles = Array.from({ length: 16 }, (_, half) => half * 0x11);

/**
 * Chooses fingerprints, and a bucket for each.
 *
 * @param tries how many orders to fill the buckets in; with another one, ten times as many other bytes can pass
 */
export function placeShort(
  patterns: readonly SearchedPattern[],
  sample: SampleIndex,
  tries: number,
): readonly (readonly ShortLiterals[])[] {
  const all = byFingerprint(patterns, sample);
  const choices = ordersOf(all, tries).map((ordered) => inBuckets(ordered, sample));
  return choices.reduce((least, one) => (one.cost < least.cost ? one : least)).buckets;
}

/**
 * Chooses the rarest three bytes of each pattern, and where a pattern has the fingerprint of another one,
 * that: few fingerprints let few other bytes pass.
 */
function byFingerprint(patterns: readonly SearchedPattern[], sample: SampleIndex): ShortLiterals[] {
  const found = new Map<string, ShortLiterals>();
  for (const one of patterns.toSorted((a, b) => a.pattern.length - b.pattern.length)) {
    const choices = fingerprintsOf(one, sample);
    const shared = choices.find(({ fingerprint }) => found.has(nameOf(fingerprint)));
    const best = choices.reduce((least, choice) => (choice.cost < least.cost ? choice : least));
    const { fingerprint, fingerprintAt } = shared ?? best;
    for (const part of shared === undefined ? exactParts(fingerprint) : [fingerprint]) {
      const name = nameOf(part);
      const known = found.get(name)?.patterns ?? [];
      found.set(name, { fingerprint: part, patterns: [...known, { ...one, fingerprintAt }] });
    }
  }
  return [...found.values()];
}

function nameOf(fingerprint: Fingerprint): string {
  return fingerprint.map((bytes) => bytes.join()).join(' ');
}

/** A fingerprint with more parts fills the buckets. */
const partsMax = 8;

/**
 * The halves of bytes are looked at each on its own, so that bytes with several upper halves let others pass:
 * `$` and `{` would let `+` and `t` pass. So the bytes of a place are parted by their upper halves.
 */
function exactParts(fingerprint: Fingerprint): readonly Fingerprint[] {
  let parts: Fingerprint[] = [[]];
  for (const bytes of fingerprint) {
    const ways =
      bytes === anyNibbles ? [bytes] : [...Map.groupBy(bytes, (byte) => byte >> 4).values()];
    parts = parts.flatMap((part) => ways.map((way) => [...part, way]));
  }
  return parts.length > partsMax ? [fingerprint] : parts;
}

function fingerprintsOf({ pattern }: SearchedPattern, sample: SampleIndex) {
  const last = Math.max(0, pattern.length - fingerprintBytes);
  return Array.from({ length: last + 1 }, (_, fingerprintAt) => {
    const fingerprint = Array.from(
      { length: fingerprintBytes },
      (_, place) => pattern[fingerprintAt + place] ?? anyNibbles,
    );
    // Three bytes are at most as frequent as the rarer of their pairs.
    const ends = [fingerprintAt + 1, fingerprintAt + 2].filter((end) => end < pattern.length);
    const cost =
      Math.min(...ends.map((end) => sample.countAt(pattern, end)), Number.MAX_VALUE) +
      fingerprint.reduce((sum, { length }) => sum + length, 0) / 100;
    return { fingerprint, fingerprintAt, cost };
  });
}

/** The halves of bytes that one place of a bucket lets pass, as bits. */
interface Halves {
  low: number;
  high: number;
}

const noHalves: readonly Halves[] = Array.from({ length: fingerprintBytes }, () => ({
  low: 0,
  high: 0,
}));

/** The most frequent ones of a sample are enough to compare buckets by. */
const gramsMax = 2000;
/** A fingerprint that was placed early may be better off elsewhere in the end. */
const rounds = 3;

/** Different orders of a list, the same ones each time. */
function ordersOf<T>(list: readonly T[], count: number): readonly (readonly T[])[] {
  return Array.from({ length: count }, (_, order) => {
    const keyOf = (place: number) => Math.imul((place + 1) * order, 0x9e3779b1) >>> 0;
    return [...list.keys()]
      .toSorted((a, b) => keyOf(a) - keyOf(b))
      .map((place) => list[place] as T);
  });
}

/** Puts the fingerprints into buckets so that these let few other bytes of the sample pass. */
function inBuckets(all: readonly ShortLiterals[], sample: SampleIndex) {
  const grams = [...sample.grams(fingerprintBytes)].sort(([, a], [, b]) => b - a);
  grams.splice(gramsMax);
  const costOf = (members: readonly ShortLiterals[]) => {
    const places = halvesOfAll(members);
    // Without a sample, the fewer bytes pass, the better.
    let sum = places.reduce((product, { low, high }) => product * onesIn(low) * onesIn(high), 1e-6);
    for (const [gram, count] of grams) if (lets(places, gram)) sum += count;
    return sum;
  };
  const buckets = Array.from({ length: bucketsCount }, () => ({
    members: [] as ShortLiterals[],
    cost: 0,
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const one of all) {
      const before = buckets.find(({ members }) => members.includes(one));
      if (before !== undefined) {
        before.members = before.members.filter((other) => other !== one);
        before.cost = before.members.length === 0 ? 0 : costOf(before.members);
      }
      const choices = buckets.map((bucket) => {
        const cost = costOf([...bucket.members, one]);
        return { bucket, cost, added: cost - bucket.cost };
      });
      const { bucket, cost } = choices.reduce((least, choice) =>
        choice.added < least.added ? choice : least,
      );
      bucket.members.push(one);
      bucket.cost = cost;
    }
  }
  return {
    buckets: buckets.map(({ members }) => members),
    cost: buckets.reduce((sum, { cost }) => sum + cost, 0),
  };
}

function halvesOfAll(members: readonly ShortLiterals[]): readonly Halves[] {
  const places = noHalves.map((halves) => ({ ...halves }));
  for (const { fingerprint } of members) {
    for (const [place, bytes] of fingerprint.entries()) {
      const halves = places[place] as Halves;
      for (const byte of bytes) {
        halves.low |= 1 << (byte & 0x0f);
        halves.high |= 1 << (byte >> 4);
      }
    }
  }
  return places;
}

/** Whether a bucket lets three bytes pass. */
function lets(places: readonly Halves[], gram: number): boolean {
  let left = gram;
  for (const { low, high } of places) {
    const byte = left & 0xff;
    if (((low >> (byte & 0x0f)) & (high >> (byte >> 4)) & 1) === 0) return false;
    left >>= 8;
  }
  return true;
}

function onesIn(halves: number): number {
  let count = 0;
  for (let left = halves; left !== 0; left &= left - 1) count += 1;
  return count;
}
