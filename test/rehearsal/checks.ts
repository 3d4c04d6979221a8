/** Counts what a rehearsal checks, and writes each result as it comes. */
export class Checks {
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #step: { readonly title: string; readonly startedMs: number } | undefined;
  #passed = 0;
  #failed = 0;

  constructor(
    write: (line: string) => void = console.log,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#write = write;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  /** Begins a step. @param proves one sentence on what the step shows, or what it cannot show */
  step(title: string, proves: string): void {
    this.#endStep();
    this.#step = { title, startedMs: this.#nowMs() };
    this.#write(`\n${title}: ${proves}`);
  }

  /** @param seen what is shown when the rule does not hold */
  check(rule: string, holds: boolean, seen: unknown = ''): void {
    if (holds) this.#passed += 1;
    else this.#failed += 1;
    this.#write(holds ? `  ok      ${rule}` : `  FAILED  ${rule}: ${shown(seen)}`);
  }

  /** A rule about a list of exceptions, which must be empty. */
  none(rule: string, exceptions: readonly unknown[]): void {
    this.check(rule, exceptions.length === 0, exceptions);
  }

  get hasFailed(): boolean {
    return this.#failed > 0;
  }

  /** Ends the last step. @returns the line that `.ci/run` counts */
  finish(): string {
    this.#endStep();
    const total = this.#passed + this.#failed;
    const failed = this.#failed > 0 ? `${this.#failed} failed, ` : '';
    this.#write(`\ntime ${seconds(this.#nowMs() - this.#startedMs)}`);
    return `Tests: ${failed}${this.#passed} passed, ${total} total`;
  }

  #endStep(): void {
    if (this.#step === undefined) return;
    this.#write(`  ${seconds(this.#nowMs() - this.#step.startedMs)}`);
    this.#step = undefined;
  }
}

const shownCharacters = 1500;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)} …` : text;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
