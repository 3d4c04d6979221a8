import { webRouteOf } from '../commands/web-request.ts';
import { cutText } from '../common/text.ts';
import { actorOf, logTypeOf, originOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { type Clause, credentialKind, verbs } from '../model/verbs.ts';
import { partTables } from '../sql/metadata-sql.ts';
import { mask } from '../text/log-text.ts';
import { shownName, shownNames } from '../text/show-text.ts';

const titleCharactersMax = 250;

/**
 * One sentence about a change: what was done to whom, by whom, and how it ended. Names come from
 * the author of the log line: they are escaped, cut, and quoted if they could be read as part of
 * the sentence.
 *
 * @param fallback the title of the detection, for a change of unknown kind
 */
export function titleOf(change: Change, fallback: string): string {
  const notes = notesOn(change);
  return cutText(sentenceOf(change, fallback), titleCharactersMax - notes.length) + notes;
}

/** What the log does not show, and why. */
function notesOn({ targets, roles, object = '', evidence }: Change): string {
  const isMasked = [...targets, ...roles, object].some((name) => name.includes(mask));
  const isCut = evidence.some(({ cut }) => cut);
  return [
    isMasked ? '; *** stands for what Airflow masked' : '',
    isCut ? '; the log may have cut its event: what followed is not known' : '',
  ].join('');
}

interface Place {
  readonly logGroup: string;
  readonly logStream: string;
  readonly message: string;
}

function sentenceOf(change: Change, fallback: string): string {
  const clause = clauseOf(change);
  const place = anchorOf(change);
  if (clause === undefined) return `${fallback}, ${meansOf(place, change)}${ending(change, place)}`;
  if (change.outcome === 'succeeded') {
    return startingUpper(`${clause.done} ${meansOf(place, change)}`, change);
  }
  const attempt =
    clause.tried === undefined
      ? `${attemptOf(place, change)} that ${clause.does}`
      : `${whoOf(place)} ${clause.tried}`;
  return startingUpper(`${attempt}${ending(change, place)}`, change);
}

/** The event that made the change known. */
export function anchorOf({ anchorKey, evidence }: Pick<Change, 'anchorKey' | 'evidence'>): Place {
  const anchor = evidence.find(({ key }) => key === anchorKey) ?? evidence[0];
  return anchor ?? { logGroup: '', logStream: '', message: '' };
}

/** The end of a title that leaves open whether a command succeeded. */
export const invisibleOutcome = '; its outcome is not visible';

/** In a task, the lines that report a failure could have been written by its author. */
const endings: Readonly<Record<Outcome, string>> = {
  succeeded: '',
  failed: '; the log says that it failed',
  denied: '; the log says that it was refused',
  'no-effect': '; the log says that it changed nothing',
  unknown: invisibleOutcome,
};

/** The web server's own answer to a request. */
const answers: Partial<Record<Outcome, string>> = {
  failed: '; it failed',
  denied: '; it was refused',
};

function ending({ outcome }: Change, place: Place): string {
  const answer = logTypeOf(place.logGroup) === 'WebServer' ? answers[outcome] : undefined;
  return answer ?? endings[outcome];
}

/** ` by DAG x, task y`, ` in the web interface by user bob`, ` while x.py was parsed` */
function meansOf(place: Place, change: Change): string {
  if (logTypeOf(place.logGroup) === 'WebServer') return webMeans(place, change);
  const { dagFile } = actorOf(place);
  return dagFile === undefined
    ? `by ${whoOf(place)}`
    : `while DAG file ${shownName(dagFile)} was parsed`;
}

/** `DAG x, task y ran a command`, `a request through the REST API` */
function attemptOf(place: Place, change: Change): string {
  if (logTypeOf(place.logGroup) === 'WebServer') return `a request ${webMeans(place, change)}`;
  return `${whoOf(place)} ran a command`;
}

function webMeans(place: Place, { user }: Change): string {
  const by = user === undefined ? '' : ` by user ${shownName(user)}`;
  switch (webRouteOf(place.message)) {
    case 'REST API':
      return `through the REST API${by}`;
    case 'web interface':
      return `in the web interface${by}`;
    default:
      return originOf(place) === 'startup-script' ? `by ${whoOf(place)}` : `in the web server${by}`;
  }
}

const processes = {
  DAGProcessing: 'the DAG processor',
  Scheduler: 'the scheduler',
  Task: 'a task',
  WebServer: 'the web server',
  Worker: 'a worker',
} as const;

function whoOf(place: Place): string {
  const { dag, task, mapIndex, dagFile } = actorOf(place);
  if (dag !== undefined && task !== undefined) {
    const index = mapIndex === undefined || mapIndex < 0 ? '' : ` (map index ${mapIndex})`;
    return `DAG ${shownName(dag)}, task ${shownName(task)}${index}`;
  }
  if (dagFile !== undefined) return `DAG file ${shownName(dagFile)}`;
  const logType = logTypeOf(place.logGroup);
  if (logType === undefined) return `log stream ${shownName(place.logStream)}`;
  const process = processes[logType];
  return originOf(place) === 'startup-script' ? `the startup script of ${process}` : process;
}

/** A sentence begins with a capital letter, but a user's name stays as it is. */
export function startingUpper(sentence: string, { targets }: Change): string {
  const beginsWithName = targets.some((target) => sentence.startsWith(shownName(target)));
  return beginsWithName ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

type Named = Pick<Change, 'verb' | 'targets' | 'roles' | 'object'>;

/** How much of the names a sentence shows. */
export interface ShownNames {
  /** Of each name. @default - see shownName */
  readonly charactersMax?: number;
  /** @default - see shownNames */
  readonly namesMax?: number;
}

/**
 * What a change did, with its names filled in.
 *
 * @returns undefined for a change of unknown kind, whose title is its detection's
 */
export function clauseOf(change: Named, show: ShownNames = {}): Clause | undefined {
  if (change.verb === undefined) return undefined;
  const { title } = verbs[change.verb];
  const { done, does, tried } = 'done' in title ? title : title[credentialKind(change.object)];
  const names = namesOf(change, show);
  return {
    done: fillIn(done, names),
    does: fillIn(does, names),
    ...(tried !== undefined && { tried: fillIn(tried, names) }),
  };
}

/** Fills each placeholder once: a name may look like a placeholder itself. */
function fillIn(template: string, names: Names): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(names, name) ? names[name as keyof Names] : place,
  );
}

/** What the placeholders of the verbs' titles are replaced by. */
type Names = ReturnType<typeof namesOf>;

function namesOf({ targets, roles, object }: Named, show: ShownNames) {
  const { charactersMax, namesMax } = show;
  const shown = (names: readonly string[]) => shownNames(names, namesMax, charactersMax);
  const noun = (word: string, names: readonly string[]) => nounOf(word, names, shown);
  const role = roles.length > 0 ? noun('role', roles) : undefined;
  const tables = object === undefined ? [] : partTables(object);
  return {
    /** `bob`, `user record 6`, `a user` */
    whom: targets.length > 0 && !isRecord(targets) ? shown(targets) : noun('user', targets),
    /** `user bob`, `users bob and carol`, `user record 6`, `a user` */
    user: noun('user', targets),
    userWas: targets.length > 1 ? 'were' : 'was',
    /** ` (bob and carol)`, or nothing */
    names: targets.length === 0 ? '' : ` (${shown(targets)})`,
    /** `role Admin`, `role record 3`, `a role` */
    role: role ?? noun('role', targets.every((target) => isRecord([target])) ? targets : []),
    roleWas: roles.length > 1 ? 'were' : 'was',
    /** ` with role Admin`, or nothing */
    withRole: role === undefined ? '' : ` with ${role}`,
    /** ` for role Admin`, or nothing */
    forRole: role === undefined ? '' : ` for ${role}`,
    /** ` (roles ops and dev)`, or nothing; for a batch */
    changedRoles: role === undefined ? '' : ` (${role})`,
    group: noun('group', targets),
    /** `DAG x`, `a DAG` */
    dag:
      object === undefined
        ? 'a DAG'
        : `DAG ${shownName(object.replace(/^DAG:/, ''), charactersMax)}`,
    /** `table ab_user`, `tables ab_role and ab_user`, `tables of users and roles` */
    tables:
      tables.length === 0
        ? 'tables of users and roles'
        : `table${tables.length > 1 ? 's' : ''} ${shownNames(tables, tables.length)}`,
    tablesWere: tables.length === 1 ? 'was' : 'were',
  };
}

/** `a user`, `user bob`, `users bob and carol`; a web request names a record by its number. */
function nounOf(
  word: string,
  names: readonly string[],
  shown: (names: readonly string[]) => string,
): string {
  if (names.length === 0) return `a ${word}`;
  if (isRecord(names)) return `${word} record ${names[0]}`;
  return `${word}${names.length > 1 ? 's' : ''} ${shown(names)}`;
}

function isRecord(names: readonly string[]): boolean {
  return names.length === 1 && /^\d{1,12}$/.test(names[0] ?? '');
}
