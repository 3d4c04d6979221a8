/** No text has honest use for more. */
const travelsMax = 60;

const variable = /\$\{?[!#]?([A-Za-z_]\w{0,99}|\d|[@*])/g;
/** Which member of an array it is says nothing of the value. */
const subscript = /\[[^\][]{0,60}\]/g;
const pythonName = /^\{\s?([A-Za-z_]\w{0,99})\s?\}$/;
const fileRead = /(?:\$\(|`)\s?(?:cat\s|<\s?)["']?([^\s"'`;|()<$]{1,100})/g;

/** Longer values are no reference to another place. */
const referenceCharactersMax = 500;

/**
 * Where the secrets of a script come from: variables, arguments (`$1`), files and options that were
 * used as a secret, so that what was put there is one as well.
 */
export class Travels {
  readonly #known: ReadonlySet<string>;
  readonly #found = new Set<string>();

  /** @param known what was found when the text was read before */
  constructor(known: ReadonlySet<string> = new Set()) {
    this.#known = known;
  }

  /** Everything that is known by now. */
  get all(): ReadonlySet<string> {
    return new Set([...this.#known, ...this.#found]);
  }

  /** Whether something was found that reading the text again would use. */
  get hasNews(): boolean {
    return [...this.#found].some((name) => !this.#known.has(name));
  }

  isEmpty(): boolean {
    return this.#known.size === 0 && this.#found.size === 0;
  }

  /** A variable that was used as a secret. */
  hasVariable(name: string): boolean {
    return this.#has(`$${name}`);
  }

  /** An argument of a function, of a script or of `set --`, counted from 1 (0 of `bash -c`). */
  hasArgument(position: number): boolean {
    return this.#has(`$${position}`) || (position > 0 && (this.#has('$@') || this.#has('$*')));
  }

  hasFile(path: string): boolean {
    return this.#has(`<${path}`);
  }

  /** A variable or alias that stands for an option whose value is a secret. */
  hasOption(name: string): boolean {
    return this.#has(`-${name}`);
  }

  addVariable(name: string): void {
    this.#add(`$${name}`);
  }

  addOption(name: string): void {
    this.#add(`-${name}`);
  }

  /** Everything that a secret's value refers to. */
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
