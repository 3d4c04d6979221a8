import { withoutPrefix } from './echoed-commands.ts';
import { mask } from './masked-text.ts';

/** A line that may be one of Airflow's on users and roles, of which words are masked or cut off. */
export interface PartialLine {
  /** Undefined where more than one thing can have been done. */
  readonly verb?: string;
  /** What is left of the names; `***` where nothing is. */
  readonly target?: string;
  readonly role?: string;
}

/** Where a line of Airflow has a name, and where a number. */
const name = Symbol('name');
const count = Symbol('count');
type Part = string | typeof name | typeof count;

interface Template {
  readonly verb: string;
  readonly parts: readonly Part[];
  /** Of Airflow's security manager: only behind its place in the code. */
  readonly isWrite: boolean;
}

function printed(verb: string, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: false };
}

function written(verb: string, ...parts: readonly Part[]): Template {
  return { verb, parts, isWrite: true };
}

/** What Airflow's command line prints and its security manager writes when something changed. */
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
  written('change-role', 'Updated role ', name),
  written('delete-role', "Deleting role '", name, "'"),
  written('add-permissions', 'Added Permission ', name, ' to role ', name),
  written('remove-permissions', 'Removed Permission ', name, ' to role ', name),
  written('create-group', 'Added group ', name),
  written('change-group', 'Updated group ', name),
];

/** A template as one row of places: characters that have to stand there, and names and numbers. */
interface Row {
  readonly template: Template;
  readonly places: readonly Part[];
}

const rows: readonly Row[] = templates.map((template) => ({
  template,
  places: template.parts.flatMap((part): Part[] => (typeof part === 'string' ? [...part] : [part])),
}));

/** Characters of masked lines of one event that are read; what goes on is taken for a hit as it is. */
export const maskedCharactersMax = 20_000;

/** A longer line is read around its masks: names of 256 characters and Airflow's words fit. */
const windowCharacters = 700;

/** Letters of Airflow's words that have to be left: of a whole line, and somewhere within one. */
const lettersOfLine = 4;
const lettersWithin = 9;

/** Without one of these a line holds too little of any template. */
const hint =
  /[Uu]ser|[Rr]ole|[Pp]ermission|added|removed|created|deleted|password|Add|Creat|Delet|Insert|Updat/;

/** Where Airflow's security manager says that a line comes from. */
const place = /(?:^|[^\w.-])(?:manager|override|security)\.py:\d|security_manager|fab_security/;
/** The same where the masker took it; then the line's own words may all be there. */
const maskedPlace = /\{\*{3}:\d/;

/**
 * Reads lines of which Airflow's secrets masker took words: whoever writes a DAG may call
 * `mask_secret('added to role')`, and from then on Airflow's own lines have `***` there. Each `***` may
 * stand for any text; a line is read as those of Airflow's that it can be, as long as some of their words
 * are left. A line of which only a name is masked is none: it is found by its words. Where the log cut a
 * text off a mask stands, since anything may have followed.
 *
 * The work is bounded: what an event has beyond {@link maskedCharactersMax} is one nameless line.
 *
 * @param texts those of the event
 */
export function readPartialLines(texts: readonly string[]): readonly PartialLine[] {
  const found = new Map<string, PartialLine>();
  const seen = new Set<string>();
  const isPlaceMasked = texts.some((text) => maskedPlace.test(text));
  const isWritten = isPlaceMasked || texts.some((text) => place.test(text));
  let characters = 0;
  for (const line of linesOf(texts)) {
    if (seen.has(line)) continue;
    seen.add(line);
    characters += line.length;
    if (characters > maskedCharactersMax) {
      found.set('', {});
      break;
    }
    const read = readLine(line, isWritten, isPlaceMasked);
    if (read !== undefined) found.set(JSON.stringify(read), read);
  }
  return [...found.values()];
}

/** Lines with a mask that may be Airflow's, without what a log puts in front. */
function* linesOf(texts: readonly string[]): Generator<string> {
  for (const text of texts) {
    if (!text.includes(mask)) continue;
    for (const line of text.split(/\n|(?<!\\)\\+n/)) {
      if (!line.includes(mask)) continue;
      for (const part of windowsOf(withoutPrefix(line))) if (hint.test(part)) yield part;
    }
  }
}

function* windowsOf(line: string): Generator<string> {
  if (line.length <= 2 * windowCharacters) {
    yield line;
    return;
  }
  for (let at = line.indexOf(mask); at >= 0; at = line.indexOf(mask, at + windowCharacters)) {
    yield line.slice(Math.max(0, at - windowCharacters), at + 2 * windowCharacters);
  }
}

function readLine(
  line: string,
  isWritten: boolean,
  isPlaceMasked: boolean,
): PartialLine | undefined {
  const verbs = new Set<string>();
  let most = 0;
  for (const row of rows) {
    if (row.template.isWrite && !isWritten) continue;
    const left = lettersLeft(line, row);
    if (left === 'all') {
      if (row.template.isWrite && isPlaceMasked) return { verb: row.template.verb };
      // It is one of Airflow's lines as it stands: found by its words.
      return undefined;
    }
    if (left < most || left === 0) continue;
    if (left > most) verbs.clear();
    most = left;
    verbs.add(row.template.verb);
  }
  if (most === 0) return undefined;
  const [verb, ...others] = verbs;
  return namesIn(line, others.length === 0 ? verb : undefined);
}

/** What the line names a role in, where it can be told what it says. */
const withRole = /^(?:(?:grant|revoke|create)-role|create-user|(?:add|remove)-permissions)$/;

/** What is left of the names: a user behind the first word, a role at the end. */
function namesIn(line: string, verb: string | undefined): PartialLine {
  const user = /(?:User|\*{3}) ?"([^"]+)"/.exec(line);
  const last = /"([^"]+)"[^"\w*]*$/.exec(line);
  const isOther = last !== null && (user === null || last.index > user.index + user[0].length - 1);
  const role = (isOther ? last[1] : undefined) ?? / to role ([^"\n]+)$/.exec(line)?.[1];
  return {
    ...(verb !== undefined && { verb }),
    ...(user?.[1] !== undefined && { target: user[1] }),
    ...((verb === undefined || withRole.test(verb)) && { role: role ?? mask }),
  };
}

/**
 * How many letters of a template's own words a line shows, where it can be a line of that template with
 * words of it masked: 0 where it cannot, or too few.
 */
function lettersLeft(line: string, row: Row): number | 'all' {
  const whole = new Walk(line, row, true).most();
  if (whole === 'all' || whole >= lettersOfLine) return whole;
  const within = new Walk(line, row, false).most();
  return within === 'all' || within >= lettersWithin ? within : 0;
}

/** What may stand in front of a line of Airflow that another text quotes, and behind it. */
const before = /[\s'"([=:,>]/;
const behind = /^(?:\s*$|['\\\]]|"[,}\]]| +\[)/;

/** Walks the places of a template along a line, in all ways at once. */
class Walk {
  readonly #line: string;
  readonly #places: Row['places'];
  readonly #isWhole: boolean;
  /** By place: letters seen on the best way there, without and with words that a mask took. */
  #plain = new Map<number, number>();
  #masked = new Map<number, number>();
  #most = 0;
  #isPlainLine = false;

  /** @param isWhole from the line's start on, and names without quotes */
  constructor(line: string, { places }: Row, isWhole: boolean) {
    this.#line = line;
    this.#places = places;
    this.#isWhole = isWhole;
  }

  /** @returns `all` where nothing of the words is masked */
  most(): number | 'all' {
    const line = this.#line;
    for (let at = 0; at < line.length; ) {
      const isMask = line[at] === '*' && line.startsWith(mask, at);
      // Nothing else than its first letter leads from a template's beginning on.
      const mayBegin = isMask || line[at] === this.#places[0];
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
      // A name may be empty, or what the mask took.
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
      } else if (here === name) {
        if (!(this.#isWhole && character === '"')) this.#reach(next, at, letters);
      } else if (here === character) {
        this.#reach(next, at + 1, letters + (/[A-Za-z]/.test(character) ? 1 : 0));
      }
    }
    return next;
  }

  /** A mask stands for any places: each later one is reached from the best way before it. */
  #stepOverMask(): void {
    const plain = new Map<number, number>();
    const masked = new Map<number, number>();
    let best = -1;
    for (let at = 0; at <= this.#places.length; at += 1) {
      const here = this.#plain.get(at);
      if (best >= 0) this.#reach(masked, at, best);
      // Of a name the mask is a part, of the words none.
      if (here !== undefined && typeof this.#places[at] === 'symbol') this.#reach(plain, at, here);
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
    if (!behind.test(this.#line.slice(at, at + 3)) && at < this.#line.length) return;
    if (plain !== undefined) this.#isPlainLine = true;
    if (masked !== undefined) this.#most = Math.max(this.#most, masked);
  }
}
