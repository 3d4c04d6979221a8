/** What happened, for people, in the order of time. */
export class Chronicle {
  readonly #lines: string[] = [];
  readonly #isKept: boolean;

  /** @param isKept recording costs time, and few stories are ever read */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  /** @param text undefined for what is not worth recording */
  tell(epochMs: number, text: () => string | undefined): void {
    if (!this.#isKept) return;
    const told = text();
    if (told !== undefined) this.#lines.push(`${clockTime(epochMs)}  ${told}`);
  }

  lines(): readonly string[] {
    return this.#lines;
  }
}

/** `02 09:00:04.123`: the day of the month and the time. */
export function clockTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(8, 23).replace('T', ' ');
}
