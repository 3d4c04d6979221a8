import type { FaultKind } from './fault-kinds.ts';

/**
 * Counts a fault only once it has struck: a call met it, a query read it, or a tick ran because of
 * it.
 */
export class Strikes {
  readonly #counts = new Map<string, number>();
  readonly #once = new Set<string>();

  count(kind: FaultKind, detail = ''): void {
    this.#add(kind);
    if (detail !== '') this.#add(`${kind} ${detail}`);
  }

  /** Counts a lasting fault once, when it is first met. */
  countOnce(kind: FaultKind, identity: unknown): void {
    const key = `${kind} ${identity}`;
    if (this.#once.has(key)) return;
    this.#once.add(key);
    this.#add(kind);
  }

  of(kind: FaultKind, detail = ''): number {
    return this.#counts.get(detail === '' ? kind : `${kind} ${detail}`) ?? 0;
  }

  /** Kinds alone, and kinds with their details. */
  entries(): readonly (readonly [string, number])[] {
    return [...this.#counts];
  }

  total(): number {
    return this.entries()
      .filter(([key]) => !key.includes(' '))
      .reduce((sum, [, count]) => sum + count, 0);
  }

  #add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}
