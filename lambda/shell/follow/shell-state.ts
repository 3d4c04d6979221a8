import type { ShellGroup } from '../syntax/shell-syntax.ts';

/** A word of a shell command, its quotes removed and its known variables expanded. */
export interface CommandWord {
  readonly text: string;
  /** Some part of it is known only to the shell. */
  readonly dynamic: boolean;
  /** Holds an unquoted `*`, `?` or `[`: the shell replaces it by the names of matching files. */
  readonly isPattern?: boolean;
  /** Holds the result of a variable or a substitution, so that its real text may differ. */
  readonly isExpanded?: boolean;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** Without leading assignments, redirections and keywords like `then`. */
  readonly words: readonly CommandWord[];
  /** Texts that it reads: here-documents, here-strings, pipes, files written before. */
  readonly input: readonly string[];
  /** A program whose output is not known may have changed what is piped into it. */
  readonly isInputChanged?: boolean;
  /** Its errors do not go to the log. */
  readonly silenced: boolean;
  /** Its standard output does not go to the log. */
  readonly outputIsAway: boolean;
  /**
   * The text redefines the program's name: as a function, an alias or a copy of another program.
   */
  readonly isRedefined?: boolean;
}

/** A text that a variable or a file holds, and what it was used for. */
export interface Carrier {
  readonly text: string;
  readonly kind: 'variable' | 'file';
  readonly name: string;
  /** Programs can read it from their environment. */
  isExported: boolean;
  /** It was given to a command that only shows it. */
  isShown: boolean;
  /** It was given to a command that does something else. */
  isUsed: boolean;
}

/** The value of a variable. */
export interface ShellValue {
  /** One text, or all those that a loop assigns in turn. */
  readonly texts: readonly string[];
  /** Only for an array. */
  readonly members?: readonly string[];
  /** Only the shell knows the value: the text is a part of it, or one of several possible ones. */
  readonly dynamic: boolean;
  readonly carriers: readonly Carrier[];
}

/** Shorter texts cannot hold a command and are not followed. */
const minCarriedCharacters = 8;

/**
 * What the commands of a text have set so far: variables, files, names of programs.
 *
 * Every expansion counts against a budget, so that a repeated `A=$A$A` cannot grow beyond what can
 * be read.
 */
export class ShellState {
  readonly variables = new Map<string, ShellValue>();
  /** `$1` and so on; empty if they are not known. */
  positional: readonly CommandWord[] = [];
  /** The words that replace a program's name: aliases, copies of programs. */
  readonly aliases = new Map<string, readonly CommandWord[]>();
  /** Names of programs that may now run something else: functions, aliases, copies. */
  readonly redefined = new Set<string>();
  /** What commands have written into files, by the files' names without folder. */
  readonly #files = new Map<string, Carrier[]>();
  readonly carriers: Carrier[] = [];
  /** `PATH` was changed, so that a name may run another program than the system's. */
  isPathChanged = false;
  /** Texts may reach programs in ways that are not followed: no command counts as only showing. */
  hasHiddenWays = false;
  /** The budget is used up, or a text is nested too deep: something was not read. */
  isCutShort = false;
  #charactersLeft: number;

  constructor(charactersLeft: number) {
    this.#charactersLeft = charactersLeft;
  }

  /** Takes characters from the budget; false, and {@link isCutShort}, if too few are left. */
  spend(characters: number): boolean {
    if (characters > this.#charactersLeft) {
      this.isCutShort = true;
      return false;
    }
    this.#charactersLeft -= characters;
    return true;
  }

  /** Sets a variable; the carriers of its earlier texts remain. */
  set(name: string, value: Omit<ShellValue, 'carriers'>): void {
    const before = this.variables.get(name);
    const carriers = this.#carriersOf(name, value);
    const isOther = before !== undefined && isOtherValue(before, value);
    // Which of two values it ends up with may depend on what the log does not show.
    this.variables.set(name, { ...value, dynamic: value.dynamic || isOther, carriers });
    this.#watchPath(name, value.texts[0] ?? '');
  }

  /** Appends to a variable: a text, or members of an array. */
  append(name: string, text: string, dynamic: boolean, members?: readonly string[]): void {
    const before = this.variables.get(name);
    const known = before?.members ?? [];
    if (members !== undefined && !this.spend(known.length + members.length)) return;
    const all = members === undefined ? before?.members : [...known, ...members];
    const joined = (before?.texts[0] ?? '') + (members === undefined ? text : ` ${text}`);
    // The new carrier includes the earlier text.
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
   * Appends to a file.
   *
   * @param output.dynamic the text is only what may have been written: it counts where the file is
   *   read, and is no sign of a hidden command if it never is
   */
  write(path: string, output: { readonly text: string; readonly dynamic: boolean }): void {
    const name = baseName(path);
    const carrier = this.#carrier('file', path, output.text);
    if (output.dynamic) carrier.isUsed = true;
    const before = this.#files.get(name);
    if (before === undefined) this.#files.set(name, [carrier]);
    else before.push(carrier);
  }

  /** Whether a file of this name was written, in any folder: it may be a program now. */
  hasFile(name: string): boolean {
    return this.#files.has(name);
  }

  get hasFiles(): boolean {
    return this.#files.size > 0;
  }

  /**
   * What earlier commands wrote into a file.
   *
   * @param use what the reader does with it
   * @returns undefined if no command wrote the file, or the budget is used up
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

  /** If a folder that is not the system's comes first, `cat` may be any program. */
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

/** The functions that a text defines, and whether they only show their arguments. */
export class ShellFunctions {
  /** By name, whether the function is certain to be defined. */
  readonly #functions: ReadonlyMap<string, boolean>;
  /** Results of {@link around}. */
  readonly #known = new Map<ShellGroup, string | undefined>();
  readonly #doing = new Set<string>();

  constructor(functions: ReadonlyMap<string, boolean>) {
    this.#functions = functions;
  }

  /** Notes that a function does more than show its arguments. */
  markDoing(name: string): void {
    this.#doing.add(name);
  }

  /** The function whose body a group is a part of. */
  around(group: ShellGroup): string | undefined {
    if (this.#functions.size === 0) return undefined;
    const passed: ShellGroup[] = [];
    let at: ShellGroup | undefined = group;
    while (at !== undefined && at.functionName === undefined && !this.#known.has(at)) {
      passed.push(at);
      at = at.parent;
    }
    const found = at === undefined ? undefined : (at.functionName ?? this.#known.get(at));
    for (const each of passed) this.#known.set(each, found);
    return found;
  }

  /** Whether a program is a function of this text that only shows its arguments. */
  onlyShows(name: string, state: ShellState): boolean {
    const isCertain = this.#functions.get(name) === true && !state.aliases.has(name);
    return isCertain && !this.#doing.has(name);
  }
}
