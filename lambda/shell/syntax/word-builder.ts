import { bareText, type ShellPart, type SyntaxWord } from './shell-syntax.ts';

/** `${NAME` and an operator that have been read; their operand is being read. */
interface OpenOperand {
  readonly name: string;
  readonly operator: string;
  readonly quoted: boolean;
  readonly closer: '}' | ']';
  /** The parts of the word around it. */
  readonly outer: ShellPart[];
  /** Inside quotes of its own, within the quotes around the whole: `"${a:-"}"}"`. */
  isQuotedAgain?: boolean;
}

/** `${a:-${b:-…}}`: deeper ones than this are not read. */
const maxOperands = 50;

/** Collects the parts of one word. */
export class WordBuilder {
  #parts: ShellPart[] | undefined;
  readonly #operands: OpenOperand[] = [];

  /** Whether a word has begun, be it an empty one: `""`. */
  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  /**
   * The word as far as it has been read, where none of it is quoted or an expansion; else empty.
   */
  get bareText(): string {
    const isPlain = this.#parts !== undefined && this.#operands.length === 0;
    return isPlain ? (bareText(this.#parts ?? []) ?? '') : '';
  }

  /** What ends the operand of the `${NAME…` that is open. */
  get operandCloser(): '}' | ']' | undefined {
    return this.#operands.at(-1)?.closer;
  }

  /** @param inQuotes whether the character is inside double quotes */
  endsOperand(character: string, inQuotes: boolean): boolean {
    const operand = this.#operands.at(-1);
    if (operand?.closer !== character || operand.isQuotedAgain === true) return false;
    return character === ']' || inQuotes === operand.quoted;
  }

  /**
   * Takes a double quote in an operand that is inside quotes: what is between two of them is quoted
   * once more, and an apostrophe is plain text there.
   *
   * @returns false where no such operand is open
   */
  quoteOperandAgain(): boolean {
    const operand = this.#operands.at(-1);
    if (operand === undefined || operand.closer === ']' || !operand.quoted) return false;
    operand.isQuotedAgain = operand.isQuotedAgain !== true;
    return true;
  }

  append(text: string, quoted: boolean): void {
    this.#parts ??= [];
    const last = this.#parts.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted) {
      this.#parts[this.#parts.length - 1] = { kind: 'text', text: last.text + text, quoted };
    } else this.#parts.push({ kind: 'text', text, quoted });
  }

  appendPart(part: ShellPart): void {
    this.#parts ??= [];
    this.#parts.push(part);
  }

  /**
   * @returns false where operands are nested too deep: what follows is read as a part of this one
   */
  openOperand(operand: Omit<OpenOperand, 'outer' | 'isQuotedAgain'>): boolean {
    this.#parts ??= [];
    if (this.#operands.length >= maxOperands) return false;
    this.#operands.push({ ...operand, outer: this.#parts });
    this.#parts = [];
    return true;
  }

  closeOperand(): void {
    const parts = this.#parts;
    const operand = this.#operands.pop();
    if (parts === undefined || operand === undefined) return;
    const { name, operator, quoted, outer } = operand;
    outer.push({ kind: 'variable', name, operator, quoted, operand: parts });
    this.#parts = outer;
  }

  /** Takes back the number in `2>`, which is no argument; empty when there is none. */
  takeDescriptor(): string {
    const before = this.#parts?.length === 1 ? (bareText(this.#parts) ?? '') : '';
    const descriptor = /^(?:[0-9]{1,2}|&)$/.test(before) ? before : '';
    if (descriptor !== '') {
      this.#parts = undefined;
      this.#operands.length = 0;
    }
    return descriptor;
  }

  /** Ends the word, if one has begun. */
  take(): SyntaxWord | undefined {
    while (this.#operands.length > 0) this.closeOperand();
    const parts = this.#parts;
    this.#parts = undefined;
    return parts;
  }
}
