import type { CommandWord } from './shell-command.ts';

/** A text that a variable or a file holds, and what became of it. */
export interface Carrier {
  readonly text: string;
  readonly kind: 'variable' | 'file';
  readonly name: string;
  /** A program that was started may read it from its environment. */
  isExported: boolean;
  /** A command was given it that only shows it. */
  isShown: boolean;
  /** A command was given it that does something. */
  isUsed: boolean;
}

/** What a variable is. */
export interface ShellValue {
  /** One, or each that a loop gives it in turn. */
  readonly texts: readonly string[];
  /** Of an array. */
  readonly members?: readonly string[];
  /** Only the shell knows the value; the text is a part of it, or one of several. */
  readonly dynamic: boolean;
  readonly carriers: readonly Carrier[];
}

/** Texts that are too short to hold a command need not be followed. */
const minCarriedCharacters = 8;

/**
 * What the commands of a text have set until now: variables, files, names of programs.
 *
 * Values that are put into commands count against a budget, so that `A=$A$A` over and over again does not
 * make more of a text than can be read.
 */
export class ShellState {
  readonly variables = new Map<string, ShellValue>();
  /** `$1` and so on; undefined where nobody knows. */
  positional: readonly CommandWord[] = [];
  /** Names that stand for other words. */
  readonly aliases = new Map<string, readonly CommandWord[]>();
  /** Names of functions and of all that is no longer what it is called. */
  readonly redefined = new Set<string>();
  /** What commands have written into files, by the last part of their path. */
  readonly #files = new Map<string, Carrier[]>();
  readonly carriers: Carrier[] = [];
  /** Programs may be found elsewhere than in the system's folders. */
  isPathChanged = false;
  /** Texts can get to a program on ways that are not followed: no command only shows what it is given. */
  hasHiddenWays = false;
  /** More was to be put together than can be read. */
  isCutShort = false;
  #charactersLeft: number;

  constructor(charactersLeft: number) {
    this.#charactersLeft = charactersLeft;
  }

  /** Whether so many characters more can be put together. */
  spend(characters: number): boolean {
    if (characters > this.#charactersLeft) {
      this.isCutShort = true;
      return false;
    }
    this.#charactersLeft -= characters;
    return true;
  }

  /** Sets a variable; the texts that it held before stay known. */
  set(name: string, value: Omit<ShellValue, 'carriers'>): void {
    const before = this.variables.get(name);
    const carriers = this.#carriersOf(name, value);
    const isOther = before !== undefined && isOtherValue(before, value);
    // Which of two values it has at last may depend on what the log does not show.
    this.variables.set(name, { ...value, dynamic: value.dynamic || isOther, carriers });
    this.#watchPath(name, value.texts[0] ?? '');
  }

  /** Adds to what a variable holds: a text, or members of an array. */
  append(name: string, text: string, dynamic: boolean, members?: readonly string[]): void {
    const before = this.variables.get(name);
    const known = before?.members ?? [];
    if (members !== undefined && !this.spend(known.length + members.length)) return;
    const all = members === undefined ? before?.members : [...known, ...members];
    const joined = (before?.texts[0] ?? '') + (members === undefined ? text : ` ${text}`);
    // The new text holds the one before.
    for (const carrier of before?.carriers ?? []) carrier.isUsed = true;
    const value = {
      texts: [joined],
      dynamic: dynamic || before?.dynamic === true,
      ...(all === undefined ? {} : { members: all }),
    };
    this.variables.set(name, { ...value, carriers: this.#carriersOf(name, value) });
    this.#watchPath(name, joined);
  }

  /**
   * Adds to what a file holds.
   *
   * @param output.dynamic the text is what may have been written at the most: of use where it is read, and
   *   no sign of anything where it is not
   */
  write(path: string, output: { readonly text: string; readonly dynamic: boolean }): void {
    const name = baseName(path);
    const carrier = this.#carrier('file', path, output.text);
    if (output.dynamic) carrier.isUsed = true;
    const before = this.#files.get(name);
    if (before === undefined) this.#files.set(name, [carrier]);
    else before.push(carrier);
  }

  /** Whether a file of this name, in whatever folder, was written: it may be a program by now. */
  hasFile(name: string): boolean {
    return this.#files.has(name);
  }

  get hasFiles(): boolean {
    return this.#files.size > 0;
  }

  /**
   * What was written into a file before.
   *
   * @param use what becomes of it where it is read
   * @returns undefined for a file that no command has written
   */
  read(path: string, use: 'isShown' | 'isUsed'): string | undefined {
    const carriers = this.#files.get(baseName(path));
    if (carriers === undefined) return undefined;
    if (!this.spend(carriers.reduce((sum, { text }) => sum + text.length + 1, 0))) return undefined;
    for (const carrier of carriers) carrier[use] = true;
    return carriers.map(({ text }) => text).join('\n');
  }

  #carriersOf(name: string, { texts, members }: Omit<ShellValue, 'carriers'>): Carrier[] {
    const all = members === undefined ? texts : texts.slice(0, 1);
    return all
      .filter((text) => text.length >= minCarriedCharacters)
      .map((text) => this.#carrier('variable', name, text));
  }

  /** Where another folder than the system's comes first, `cat` may be anything. */
  #watchPath(name: string, value: string): void {
    if (name === 'PATH' && /^(?:\.|\/tmp|\/dev\/shm|\$PWD|\$\(|[^/$])/.test(value)) {
      this.isPathChanged = true;
    }
  }

  #carrier(kind: Carrier['kind'], name: string, text: string): Carrier {
    const carrier = { kind, name, text, isExported: false, isShown: false, isUsed: false };
    this.carriers.push(carrier);
    return carrier;
  }
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isOtherValue(a: Omit<ShellValue, 'carriers'>, b: Omit<ShellValue, 'carriers'>): boolean {
  const [first, second] = [a.texts, b.texts];
  return first.length !== second.length || first.some((text, at) => text !== second[at]);
}
