import type { Verb } from '../model/verbs.ts';
import { mask } from '../text/log-text.ts';

/**
 * The variable parts of Airflow's lines: a name, a number, and the action of a permission (`can
 * edit`).
 */
const name = Symbol('name');
const count = Symbol('count');
const action = Symbol('action');
type Part = string | typeof name | typeof count | typeof action;

export interface Template {
  readonly verb: Verb;
  readonly parts: readonly Part[];
  /** A line of Airflow's security manager, which counts only after its place in the code. */
  readonly isWrite: boolean;
  /** How many letters of its words must be left. @default as many as in any line */
  readonly lettersMin?: number;
}

function printed(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: false };
}

function written(verb: Verb, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: true };
}

/** The lines that Airflow's command line prints and its security manager logs after a change. */
const templates: readonly Template[] = [
  printed('grant-role', 'User "', name, '" added to role "', name, '"'),
  printed('revoke-role', 'User "', name, '" removed from role "', name, '"'),
  printed('create-user', 'User "', name, '" created with role "', name, '"'),
  printed('delete-user', 'User "', name, '" deleted'),
  printed('reset-password', 'User "', name, '" password reset successfully'),
  printed('create-user', 'Admin User ', name, ' created.'),
  printed('create-role', 'Added ', count, ' role(s)'),
  printed('delete-role', 'Deleted ', count, ' role(s)'),
  printed('import-roles', 'roles and permissions successfully imported'),
  printed('import-roles', "roles '[", name, "]' successfully imported"),
  printed('add-permissions', 'Added ', count, ' permission(s)'),
  printed('remove-permissions', 'Deleted ', count, ' permission(s)'),
  // The second line of a name that has a line break.
  { ...printed('grant-role', name, '" added to role "', name, '"'), lettersMin: 6 },
  { ...printed('create-user', name, '" created with role "', name, '"'), lettersMin: 8 },
  // Short words that other texts have too.
  {
    ...printed('add-permissions', 'Added ', action, ' on ', name, ' to role ', name),
    lettersMin: 8,
  },
  {
    ...printed('remove-permissions', 'Deleted ', action, ' on ', name, ' from role ', name),
    lettersMin: 10,
  },
  printed('import-users', 'Created the following users:'),
  printed('import-users', 'Updated the following users:'),
  printed('import-users', "Creating new user with email '", name, "'"),
  printed('import-users', "Found existing user with email '", name, "'"),
  printed('sync-permissions', 'Updating permission on all DAG views'),
  printed('sync-permissions', 'Updating actions and resources for all existing roles'),
  written('create-user', 'Added user ', name),
  written('update-user', 'Updated user ', name),
  written('delete-user', 'Deleted user ', name),
  written('create-role', 'Inserted Role: ', name),
  written('create-role', 'Inserted Role ', name),
  written('change-role', 'Updated role ', name),
  written('delete-role', "Deleting role '", name, "'"),
  written('add-permissions', 'Added Permission ', action, ' on ', name, ' to role ', name),
  written('remove-permissions', 'Removed Permission ', action, ' on ', name, ' to role ', name),
  written('create-group', 'Added group ', name),
  written('change-group', 'Updated group ', name),
];

/** A template as a row of places: single characters of its words, and the variable parts. */
export interface Row {
  readonly template: Template;
  readonly places: readonly Part[];
  /** Its names are in quotes, so that a quote ends them. */
  readonly isQuoted: boolean;
}

export const rows: readonly Row[] = templates.map((template) => ({
  template,
  places: template.parts.flatMap((part): Part[] => (typeof part === 'string' ? [...part] : [part])),
  isQuoted: template.parts.some((part) => typeof part === 'string' && part.includes('"')),
}));

/** What may come before a line of Airflow that another text quotes, and after it. */
const before = /[\s'"([=:,>]/;
const after = /^(?:\s*$|['\\\]]|"[,}\]]| +\[)/;

/** Matches a line with a template in all possible ways at once; a mask may be any text. */
export class Walk {
  readonly #line: string;
  readonly #places: Row['places'];
  readonly #isWhole: boolean;
  readonly #endsAtQuote: boolean;
  /** By place: the most letters matched on a way there, without and with masked words. */
  #plain = new Map<number, number>();
  #masked = new Map<number, number>();
  #most = 0;
  #isPlainLine = false;

  /**
   * @param isWhole whether the line must begin with the template; a quote then ends a quoted name
   */
  constructor(line: string, { places, isQuoted }: Row, isWhole: boolean) {
    this.#line = line;
    this.#places = places;
    this.#isWhole = isWhole;
    this.#endsAtQuote = isWhole && isQuoted;
  }

  /** @returns the most letters of the template's words that are left; `all` if none is masked */
  most(): number | 'all' {
    const line = this.#line;
    for (let at = 0; at < line.length; ) {
      const isMask = line[at] === '*' && line.startsWith(mask, at);
      // Only a template's first letter, a mask or a leading name can begin it.
      const [first] = this.#places;
      const mayBegin = isMask || line[at] === first || (first === name && at === 0);
      if (mayBegin && (at === 0 || (!this.#isWhole && before.test(line[at - 1] ?? '')))) {
        this.#reach(this.#plain, 0, 0);
      }
      if (isMask) {
        this.#stepOverMask();
        at += mask.length;
      } else {
        this.#step(line[at] ?? '');
        at += 1;
      }
      this.#end(at);
      if (this.#plain.size === 0 && this.#masked.size === 0 && this.#isWhole) break;
    }
    return this.#isPlainLine ? 'all' : this.#most;
  }

  #reach(ways: Map<number, number>, place: number, letters: number): void {
    for (let to = place; to <= this.#places.length; to += 1) {
      if ((ways.get(to) ?? -1) < letters) ways.set(to, letters);
      // A name may be empty or masked.
      if (typeof this.#places[to] !== 'symbol') return;
    }
  }

  #step(character: string): void {
    this.#plain = this.#stepped(this.#plain, character);
    this.#masked = this.#stepped(this.#masked, character);
  }

  #stepped(ways: Map<number, number>, character: string): Map<number, number> {
    if (ways.size === 0) return ways;
    const next = new Map<number, number>();
    for (const [at, letters] of ways) {
      if (at === this.#places.length) continue;
      const here = this.#places[at];
      if (here === count) {
        if (/\d/.test(character)) this.#reach(next, at, letters);
      } else if (here === action) {
        if (/[a-z_ ]/.test(character)) this.#reach(next, at, letters);
      } else if (here === name) {
        if (!(this.#endsAtQuote && character === '"')) this.#reach(next, at, letters);
      } else if (here === character) {
        this.#reach(next, at + 1, letters + (/[A-Za-z]/.test(character) ? 1 : 0));
      }
    }
    return next;
  }

  /** A mask may be any places: each later one is reached by the best way to an earlier one. */
  #stepOverMask(): void {
    const plain = new Map<number, number>();
    const masked = new Map<number, number>();
    let best = -1;
    for (let at = 0; at <= this.#places.length; at += 1) {
      const here = this.#plain.get(at);
      if (best >= 0) this.#reach(masked, at, best);
      // A mask within a name is part of the name, and hides no words.
      const place = this.#places[at];
      if (here !== undefined && (place === name || place === count)) this.#reach(plain, at, here);
      best = Math.max(best, here ?? -1, this.#masked.get(at) ?? -1);
      const already = this.#masked.get(at);
      if (already !== undefined) this.#reach(masked, at, already);
    }
    this.#plain = plain;
    this.#masked = masked;
  }

  #end(at: number): void {
    const last = this.#places.length;
    const plain = this.#plain.get(last);
    const masked = this.#masked.get(last);
    if (plain === undefined && masked === undefined) return;
    if (!after.test(this.#line.slice(at, at + 3)) && at < this.#line.length) return;
    if (plain !== undefined) this.#isPlainLine = true;
    if (masked !== undefined) this.#most = Math.max(this.#most, masked);
  }
}
