import type { ShellGroup } from '../syntax/shell-syntax.ts';
import type { ShellState } from './shell-state.ts';

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
