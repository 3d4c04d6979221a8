import { z } from 'zod';

/** One answer from AWS, or why there is none: any part of what was observed can be missing. */
export type Part<T> = KnownPart<T> | MissingPart;

export interface KnownPart<T> {
  readonly kind: 'known';
  readonly value: T;
}

export type MissingPart =
  /** The credentials may not make the call. */
  | { readonly kind: 'denied'; readonly action: string; readonly error: string }
  /** The call had no usable answer: throttled, unreachable, or an undocumented shape. */
  | { readonly kind: 'failed'; readonly action: string; readonly error: string };

export function partSchema<T extends z.ZodType>(value: T) {
  const missing = { action: z.string(), error: z.string() };
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), value }),
    z.object({ kind: z.literal('denied'), ...missing }),
    z.object({ kind: z.literal('failed'), ...missing }),
  ]);
}

export function known<T>(value: T): KnownPart<T> {
  return { kind: 'known', value };
}

/** Maps the value of a known part; a missing part remains missing, for the same reason. */
export function mapPart<T, U>(part: Part<T>, map: (value: T) => U): Part<U> {
  return part.kind === 'known' ? known(map(part.value)) : part;
}
