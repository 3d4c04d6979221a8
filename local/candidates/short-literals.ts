import type { LineKernel } from '../line-kernel/line-kernel.ts';
import type { SampleIndex } from './sample-index.ts';
import { byteTest, type SearchedPattern, writePattern, writtenBytes } from './written-pattern.ts';

const fingerprintBytes = 3;
const bucketsCount = 8;
/** As `Short` and `Fingerprint` in kernel/search-literals.ts. */
const table = { masks: 0, buckets: 96, fingerprints: 144 } as const;
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
  return address;
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

/** Chooses fingerprints, and a bucket for each. */
export function placeShort(
  patterns: readonly SearchedPattern[],
  sample: SampleIndex,
): readonly (readonly ShortLiterals[])[] {
  return inBuckets(byFingerprint(patterns, sample), sample);
}

/**
 * Chooses the rarest three bytes of each pattern, and where a pattern has the fingerprint of another one,
 * that: few fingerprints let few other bytes pass.
 */
function byFingerprint(patterns: readonly SearchedPattern[], sample: SampleIndex): ShortLiterals[] {
  const found = new Map<string, ShortLiterals>();
  for (const one of patterns.toSorted((a, b) => a.pattern.length - b.pattern.length)) {
    const choices = fingerprintsOf(one, sample);
    const shared = choices.find(({ name }) => found.has(name));
    const best = choices.reduce((least, choice) => (choice.cost < least.cost ? choice : least));
    const { name, fingerprint, fingerprintAt } = shared ?? best;
    const known = found.get(name)?.patterns ?? [];
    found.set(name, { fingerprint, patterns: [...known, { ...one, fingerprintAt }] });
  }
  return [...found.values()];
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
    return {
      name: fingerprint.map((bytes) => bytes.join()).join(' '),
      fingerprint,
      fingerprintAt,
      cost,
    };
  });
}

/** The halves of bytes that one place of a bucket lets pass, as bits. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

const noHalves: readonly Halves[] = Array.from({ length: fingerprintBytes }, () => ({
  low: 0,
  high: 0,
}));

/** Puts each fingerprint into the bucket that then lets the fewest other bytes pass. */
function inBuckets(all: readonly ShortLiterals[], sample: SampleIndex): readonly ShortLiterals[][] {
  const { byteCounts } = sample;
  const passing = ({ low, high }: Halves) => {
    let sum = 1;
    for (let upper = 0; upper < 16; upper += 1) {
      if (((high >> upper) & 1) === 0) continue;
      for (let lower = 0; lower < 16; lower += 1) {
        if (((low >> lower) & 1) === 1) sum += byteCounts[upper * 16 + lower] as number;
      }
    }
    return sum;
  };
  const buckets = Array.from({ length: bucketsCount }, () => ({
    members: [] as ShortLiterals[],
    places: noHalves,
    cost: 0,
  }));
  for (const one of all) {
    const own = one.fingerprint.map(halvesOf);
    const choices = buckets.map((bucket) => {
      const places = bucket.places.map(({ low, high }, place) => ({
        low: low | (own[place]?.low ?? 0),
        high: high | (own[place]?.high ?? 0),
      }));
      const cost = places.reduce((product, place) => product * passing(place), 1);
      return { bucket, places, cost, added: cost - bucket.cost };
    });
    const { bucket, places, cost } = choices.reduce((least, choice) =>
      choice.added < least.added ? choice : least,
    );
    bucket.members.push(one);
    bucket.places = places;
    bucket.cost = cost;
  }
  return buckets.map(({ members }) => members);
}

function halvesOf(bytes: readonly number[]): Halves {
  let low = 0;
  let high = 0;
  for (const byte of bytes) {
    low |= 1 << (byte & 0x0f);
    high |= 1 << (byte >> 4);
  }
  return { low, high };
}
