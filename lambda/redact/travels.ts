/** How many places are noted per reading; an honest text needs fewer. */
const travelsMax = 60;

const variable = /\$\{?[!#]?([A-Za-z_]\w{0,99}|\d|[@*])/g;
/** An array's subscript, which is ignored. */
const subscript = /\[[^\][]{0,60}\]/g;
const pythonName = /^\{\s?([A-Za-z_]\w{0,99})\s?\}$/;
const fileRead = /(?:\$\(|`)\s?(?:cat\s|<\s?)["']?([^\s"'`;|()<$]{1,100})/g;

/** A longer value is not read for references. */
const referenceCharactersMax = 500;

/**
 * Where the secrets of a script come from: variables, arguments (`$1`), files and options that were
 * used as a secret, so that whatever is stored there is a secret too.
 */
export class Travels {
  readonly #known: ReadonlySet<string>;
  readonly #found = new Set<string>();

  /** @param known what the previous readings of the text found */
  constructor(known: ReadonlySet<string> = new Set()) {
    this.#known = known;
  }

  /** Everything that is known so far. */
  get all(): ReadonlySet<string> {
    return new Set([...this.#known, ...this.#found]);
  }

  /** Whether something new was found, which another reading of the text would use. */
  get hasNews(): boolean {
    return [...this.#found].some((name) => !this.#known.has(name));
  }

  isEmpty(): boolean {
    return this.#known.size === 0 && this.#found.size === 0;
  }

  /** Whether a variable was used as a secret. */
  hasVariable(name: string): boolean {
    return this.#has(`$${name}`);
  }

  /** Whether an argument was: of a function, a script or `set --`, from 1; of `bash -c`, from 0. */
  hasArgument(position: number): boolean {
    return this.#has(`$${position}`) || (position > 0 && (this.#has('$@') || this.#has('$*')));
  }

  hasFile(path: string): boolean {
    return this.#has(`<${path}`);
  }

  /** Whether a variable or alias holds an option whose value is a secret. */
  hasOption(name: string): boolean {
    return this.#has(`-${name}`);
  }

  addVariable(name: string): void {
    this.#add(`$${name}`);
  }

  addOption(name: string): void {
    this.#add(`-${name}`);
  }

  /** Adds every variable, argument and file that a secret's value refers to. */
  addReferences(value: string): void {
    if (value.length > referenceCharactersMax || !/[$`{]/.test(value)) return;
    for (const [, name = ''] of value.replaceAll(subscript, '').matchAll(variable))
      this.#add(`$${name}`);
    for (const [, path = ''] of value.matchAll(fileRead)) this.#add(`<${path}`);
    const name = pythonName.exec(value)?.[1];
    if (name !== undefined) this.#add(`$${name}`);
  }

  #has(name: string): boolean {
    return this.#known.has(name) || this.#found.has(name);
  }

  #add(name: string): void {
    if (this.#found.size < travelsMax) this.#found.add(name);
  }
}
