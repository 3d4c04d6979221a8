import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 250;

/**
 * Waits for another process: looks again and again until there is a value.
 *
 * @throws Error that names what was awaited, after so many seconds; or an error of `look`
 */
export async function until<Value>(
  what: string,
  patienceSeconds: number,
  look: () => Promise<Value | undefined | false>,
): Promise<Value> {
  const endMs = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) {
      throw new Error(`waited ${patienceSeconds} s in vain until ${what}`);
    }
    await sleep(lookEveryMs);
  }
}
