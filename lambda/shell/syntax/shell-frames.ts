import type { Interrupted, ShellBuilder } from './shell-builder.ts';

export type SubstitutionKind = 'output' | 'backtick' | 'process-output' | 'process-input';

interface Frame {
  readonly kind: SubstitutionKind | 'array' | 'arithmetic';
  readonly interrupted: Interrupted;
  /** Whether it is inside double quotes. */
  readonly inQuotes: boolean;
  /** For arithmetic: the index of the `))` that closes it. */
  readonly end?: number;
}

/** Substitutions inside substitutions: real ones are not nested so deep, and each costs memory. */
const maxFrames = 100;

/** The substitutions, arrays and arithmetic that are open: each interrupts the command around it. */
export class Frames {
  readonly #builder: ShellBuilder;
  readonly #frames: Frame[] = [];

  constructor(builder: ShellBuilder) {
    this.#builder = builder;
  }

  get innermost(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** The frame around the innermost one. */
  get outer(): Frame | undefined {
    return this.#frames.at(-2);
  }

  openSubstitution(kind: SubstitutionKind, inQuotes: boolean): void {
    // A substitution nested too deep is read as a group, so that its commands still count.
    if (this.#frames.length >= maxFrames) {
      this.#builder.endCommand();
      if (kind !== 'backtick') this.#builder.openGroup('parentheses');
      return;
    }
    const interrupted = this.#builder.interrupt(kind === 'backtick' ? 'output' : kind);
    this.#frames.push({ kind, interrupted, inQuotes });
  }

  /** @param end index of the `))` that closes it */
  openArithmetic(end: number, inQuotes: boolean): void {
    const interrupted = this.#builder.interrupt();
    this.#frames.push({ kind: 'arithmetic', interrupted, inQuotes, end });
  }

  openArray(): void {
    const interrupted = this.#builder.interrupt();
    this.#frames.push({ kind: 'array', interrupted, inQuotes: false });
  }

  /**
   * Closes the innermost frame and continues the command around it.
   *
   * @returns whether that command is read inside double quotes
   */
  close(): boolean {
    const frame = this.#frames.pop();
    if (frame === undefined) return false;
    const builder = this.#builder;
    const { kind, interrupted, inQuotes } = frame;
    if (kind === 'array') {
      builder.addArrayTo(interrupted);
    } else if (kind === 'arithmetic') {
      builder.resume(interrupted, true);
      if (builder.word.isOpen || !builder.isAtStart || inQuotes) {
        builder.word.appendPart({ kind: 'variable', name: '', quoted: true, operand: [] });
      }
    } else {
      builder.endCommand();
      const group = builder.boundary;
      builder.resume(interrupted, false);
      builder.word.appendPart({ kind: 'output', group, quoted: inQuotes });
    }
    return inQuotes;
  }
}
