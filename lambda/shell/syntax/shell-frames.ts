import type { Interrupted, ShellBuilder } from './shell-builder.ts';
import type { ShellText } from './shell-text.ts';

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

const parameter = /\{[#!]?(?:[A-Za-z_]\w*|[0-9]+|[@*?$!-])?(?:\[[^\]\n]*\])?/y;
const operators = /:?[-=+?]|[#%/^,@:~*]{1,2}/y;

/**
 * Reads `${NAME}`, `${NAME:-other}` and the like from the brace on. An operand is opened, and is
 * read as what comes next.
 *
 * @param quoted whether it is inside double quotes
 */
export function readParameter(text: ShellText, builder: ShellBuilder, quoted: boolean): void {
  const written = text.match(parameter) ?? text.next();
  const [, prefix = '', name = '', index = ''] = /^\{([#!]?)([^[]*)(.*)$/s.exec(written) ?? [];
  const isWhole = index === '' || index === '[@]' || index === '[*]';
  // `${#}` is the number of arguments, `${!}` the last job.
  const operator = name === '' || prefix === '' ? (isWhole ? '' : '[') : prefix;
  if (text.accept('}')) {
    const part = { kind: 'variable', name: name || prefix, quoted, operand: [] } as const;
    builder.word.appendPart(operator === '' ? part : { ...part, operator });
    return;
  }
  const own = text.match(operators) ?? '?';
  builder.openOperand({ name, operator: operator || own, quoted, closer: '}' });
}
