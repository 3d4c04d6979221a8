import { withoutPrefix } from './echoed-commands.ts';
import { hasMaskedPlace, isSecurityManagerEvent, securityManagerLogger } from './line-place.ts';
import { type Row, rows, type Template } from './line-templates.ts';
import { mask } from './masked-text.ts';
import { type Verb, verbs } from './verbs.ts';
import { Walk } from './walk-template.ts';

/** A line that may be one of Airflow's on users and roles, of which words are masked or cut off. */
export interface PartialLine {
  /** Undefined where more than one thing can have been done. */
  readonly verb?: Verb;
  /** What is left of the names; `***` where nothing is. */
  readonly target?: string;
  readonly role?: string;
  /** What a role may gain permissions on. */
  readonly resource?: string;
}

/** Characters of masked lines of one event that are read; what goes on is taken for a hit as it is. */
export const maskedCharactersMax = 20_000;

/** A longer line is read around its masks: names of 256 characters and Airflow's words fit. */
const windowCharacters = 700;

/** Letters of Airflow's words that have to be left: of a whole line, and somewhere within one. */
const lettersOfLine = 4;
const lettersWithin = 9;

/** Without one of these a line holds too little of any template. */
const hint =
  /[Uu]ser|[Rr]ole|[Pp]ermission|added|removed|created|deleted|password|success|email|Add|Creat|Delet|Insert|Updat|[Gg]roup/;

/** Where Airflow's security manager says that a line comes from. */
const place =
  /(?:^|[^\w.-])(?:manager|override|security)\.py:(?:\d|\*)|security_manager|fab_security/;

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
 * @param message the event, in whose JSON or brackets its logger stands
 */
export function readPartialLines(
  texts: readonly string[],
  message = texts.join('\n'),
): readonly PartialLine[] {
  const found = new Map<string, PartialLine>();
  const seen = new Set<string>();
  // Then a line's own words may all be there.
  const isPlaceMasked = hasMaskedPlace(message) || texts.some(hasMaskedPlace);
  const isWritten = isPlaceMasked || texts.some((text) => place.test(text));
  const isOwnEvent = isSecurityManagerEvent(message);
  let characters = 0;
  for (const { line, isPlaced, isMasked } of linesOf(texts, isPlaceMasked)) {
    if (seen.has(line)) continue;
    seen.add(line);
    characters += line.length;
    if (characters > maskedCharactersMax) {
      found.set('', {});
      break;
    }
    const read =
      readLine(withoutLogger(line), isWritten, isMasked) ??
      // What it says is known from its place.
      ((isPlaced || isOwnEvent) && saysNothing.test(line) ? {} : undefined);
    if (read !== undefined) found.set(JSON.stringify(read), read);
  }
  return [...found.values()];
}

/** A line without the spaces, logger and pairs of key and value that structlog ends it with. */
function withoutLogger(line: string): string {
  const at = line.lastIndexOf(' [');
  const isEnd = at >= 0 && line.length - at <= windowCharacters && loggerEnd.test(line.slice(at));
  return isEnd ? line.slice(0, at).trimEnd() : line;
}

const loggerEnd = /^ \[[\w.*]{1,160}\](?: \w{1,20}=\S{1,200}){0,4}$/;

/**
 * A record of which the masker took the sentence, and left a name perhaps: `***: superops`. What each start
 * of an application writes, `Created Permission View: can read on DAG:x`, has more left.
 */
const saysNothing = /^\*{3}(?::? \S{1,64}(?: (?!on |View:)\S{1,64}){0,3})?$/;

/** Lines that may be Airflow's, without what a log puts in front; with a mask in them or in their place. */
function* linesOf(
  texts: readonly string[],
  isPlaceMasked: boolean,
): Generator<{
  readonly line: string;
  /** The security manager's place is right before it. */
  readonly isPlaced: boolean;
  /** What is right before it, or the event's logger, may be the security manager's. */
  readonly isMasked: boolean;
}> {
  for (const text of texts) {
    if (!isPlaceMasked && !text.includes(mask)) continue;
    for (const written of text.split(/\n|(?<!\\)\\+n/)) {
      if (!isPlaceMasked && !written.includes(mask)) continue;
      const whole = withoutPrefix(written);
      const prefix = written.slice(0, written.length - whole.length);
      const isPlaced = ownPlace.test(prefix) || securityManagerLogger.test(whole);
      // Of records in each other the last one's place is the line's.
      const slot = prefix.includes('{') ? prefix.slice(prefix.lastIndexOf('{')) : undefined;
      const isMasked = slot === undefined ? isPlaceMasked : hasMaskedPlace(slot);
      if (!isMasked && !whole.includes(mask)) continue;
      for (const line of windowsOf(whole)) {
        if (isPlaced || hint.test(line)) yield { line, isPlaced, isMasked };
      }
    }
  }
}

/** Other programs have modules called manager.py, and nothing but the sentence tells. */
const ownPlace = /\{(?:override|security)\.py:(?:\d|\*)/;

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
  const verbs = new Set<Verb>();
  let most = 0;
  for (const row of rows) {
    if (row.template.isWrite && !isWritten) continue;
    const left = lettersLeft(line, row);
    if (left === 'all') {
      if (row.template.lettersMin !== undefined) continue;
      // Access to a DAG is told wherever it stands.
      if (onDag.test(line)) return undefined;
      if (row.template.isWrite && isPlaceMasked) return writtenNames(line, row.template.verb);
      // It is one of Airflow's lines as it stands: found by its words.
      return undefined;
    }
    if (left < most || left === 0) continue;
    if (isOfPermissions(row.template) && !ofAirflow.test(resourceIn(line))) continue;
    if (left > most) verbs.clear();
    most = left;
    verbs.add(row.template.verb);
  }
  if (most === 0) return undefined;
  const [verb, ...others] = verbs;
  const names = namesIn(line, others.length === 0 ? verb : undefined);
  return verbs.has('add-permissions') ? { ...names, resource: resourceIn(line) } : names;
}

/** What is left of the names: a user behind the first word, a role at the end. */
function namesIn(line: string, verb: Verb | undefined): PartialLine {
  const user = /(?:User|\*{3}) ?"([^"]+)"/.exec(line);
  const last = /"([^"]+)"[^"\w*]*$/.exec(line);
  const isOther = last !== null && (user === null || last.index > user.index + user[0].length - 1);
  const role =
    (isOther ? last[1] : undefined) ?? / (?:to|from|\*{3}) role ([^"\n]+)$/.exec(line)?.[1];
  return {
    ...(verb !== undefined && { verb }),
    ...(user?.[1] !== undefined && { target: user[1] }),
    ...((verb === undefined || verbs[verb].printsRole) && { role: role ?? mask }),
  };
}

const onDag = / Permission [a-z_ ]{1,60} on DAG(?: Run)?:/;

/** `Users` of `can edit on Users to role x`. */
function resourceIn(line: string): string {
  return / on ([^\n]{1,250}?) (?:to|from|\*{3})(?: |$)/.exec(line)?.[1] ?? mask;
}

/** Airflow's resources begin so, and words of other texts seldom. */
const ofAirflow = /^(?:[A-Z]|\*{3})/;

function isOfPermissions({ verb, isWrite }: Template): boolean {
  return !isWrite && verb.endsWith('-permissions');
}

/** The names of a line of which nothing is masked but its place. */
function writtenNames(line: string, verb: Verb): PartialLine {
  const target = /^(?:Added|Updated|Deleted) user (.+)$/.exec(line)?.[1];
  const role = /^(?:Inserted Role:? |Updated role |Deleting role '|.+ to role )(.+?)'?$/.exec(
    line,
  )?.[1];
  return {
    verb,
    ...(target !== undefined && { target }),
    ...(role !== undefined && { role }),
    ...(verb === 'add-permissions' && { resource: resourceIn(line) }),
  };
}

/** The end of a name that began on the line before. */
const endOfName = /^[^"*]{0,300}" /;

/**
 * How many letters of a template's own words a line shows, where it can be a line of that template with
 * words of it masked: 0 where it cannot, or too few.
 */
function lettersLeft(line: string, row: Row): number | 'all' {
  const { lettersMin = 0 } = row.template;
  const isRest = typeof row.places[0] === 'symbol';
  if (isRest && !endOfName.test(line)) return 0;
  const whole = new Walk(line, row, true).most();
  if (whole === 'all' || whole >= Math.max(lettersMin, lettersOfLine)) return whole;
  if (isRest) return 0;
  const within = new Walk(line, row, false).most();
  // A name of the security manager's lines may hold such a line.
  if (within === 'all' && row.template.isWrite) return 0;
  return within === 'all' || within >= Math.max(lettersMin, lettersWithin) ? within : 0;
}
