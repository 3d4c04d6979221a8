import { webRouteOf } from '../commands/web-request.ts';
import { cutText } from '../common/text.ts';
import { namesCharactersMax } from '../correlate/change.ts';
import { actorOf, logTypeOf, originOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import { type Finding, type Outcome, severityRank } from '../model/finding.ts';
import { type Clause, credentialKind, verbs } from '../model/verbs.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { redactSecrets } from '../redact/redact.ts';
import { partTables } from '../sql/metadata-sql.ts';
import { mask } from '../text/log-text.ts';
import { shownName, shownNames } from '../text/show-text.ts';
import { airflowLink, insightsLink, logStreamLink } from './links.ts';
import { undoOf } from './undo.ts';

/** What a finding shows of its detections. */
type DetectionFacts = Pick<DetectionInPlan, 'title' | 'severity' | 'attack' | 'runbook'>;

/**
 * What else than the scan of its own time found a change: a sweep, in lines that arrived after that scan
 * (`late`), or in lines that were there but not recognized (`later-look`), for instance because the
 * detection is new or was refused.
 */
export type FoundBy = 'late' | 'later-look';

interface PresentationContext {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** Of the log groups: links lead there. */
  readonly region: string;
  readonly detections: ReadonlyMap<string, DetectionFacts>;
  readonly detectedAtEpochMs: number;
  /** @default the scan of its own time */
  readonly foundBy?: FoundBy | undefined;
  /** Airflow's web interface. @default unknown: the finding has no link to it */
  readonly airflow?: AirflowWeb | undefined;
}

/** Presents a change as it is published (schema 1), with all its evidence; a notification may show less. */
export function presentFinding(change: Change, context: PresentationContext): Finding {
  const evidence = change.evidence.toSorted(
    (a, b) => a.timestamp - b.timestamp || (a.key < b.key ? -1 : 1),
  );
  const firstEpochMs = evidence[0]?.timestamp ?? change.anchorEpochMs;
  const lastEpochMs = evidence.at(-1)?.timestamp ?? change.anchorEpochMs;
  const detections = worstFirst(change.detections, context.detections);
  const known = detections.flatMap((id) => context.detections.get(id) ?? []);
  const anchor = anchorOf(change);
  const actor = actorOf(anchor, change.user);
  const { logGroup, logStream } = anchor;
  const place = { region: context.region, logGroup, logStream, firstEpochMs, lastEpochMs };
  const airflow = airflowLink(context.airflow, actor);
  const target = joined(change.targets);
  const role = joined(change.roles);
  const undo = undoOf(change);
  return {
    schema: 1,
    id: change.id,
    environment: context.environment,
    severity: change.severity,
    title: redactSecrets(
      titleOf(withoutSecrets(change), known[0]?.title ?? 'Airflow privileges were changed'),
    ),
    detections,
    attack: [...new Set(known.flatMap(({ attack }) => attack))].sort(),
    actor,
    ...(target === undefined ? {} : { target }),
    ...(role === undefined ? {} : { role }),
    firstSeen: new Date(firstEpochMs).toISOString(),
    lastSeen: new Date(lastEpochMs).toISOString(),
    detectedAt: new Date(context.detectedAtEpochMs).toISOString(),
    late: context.foundBy === 'late',
    ...(context.foundBy === 'later-look' && { laterLook: true }),
    outcome: change.outcome,
    evidence: evidence.map((event) => ({
      logGroup: event.logGroup,
      logStream: event.logStream,
      timestamp: new Date(event.timestamp).toISOString(),
      message: event.message,
      ...(event.cut && { cut: true }),
      occurrences: event.occurrences,
    })),
    ...(undo === undefined ? {} : { undo }),
    links: {
      logStream: logStreamLink(place),
      insights: insightsLink(place),
      ...(airflow === undefined ? {} : { airflow }),
    },
    runbook: known[0]?.runbook ?? 'docs/runbooks/privilege-change.md',
  };
}

/** Redacts names as they were written, since a title escapes some of their characters. */
function withoutSecrets(change: Change): Change {
  const { targets, roles, object, user } = change;
  return {
    ...change,
    targets: targets.map(redactSecrets),
    roles: roles.map(redactSecrets),
    ...(object !== undefined && { object: redactSecrets(object) }),
    ...(user !== undefined && { user: redactSecrets(user) }),
  };
}

/** The worst detection first: its title and runbook are the finding's. */
function worstFirst(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionFacts>,
): string[] {
  const rank = (id: string) => severityRank(detections.get(id)?.severity ?? 'info');
  return ids.toSorted((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
}

function joined(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return cutText(redactSecrets(names.join(', ')), namesCharactersMax);
}

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
function anchorOf({ anchorKey, evidence }: Pick<Change, 'anchorKey' | 'evidence'>): Place {
  const anchor = evidence.find(({ key }) => key === anchorKey) ?? evidence[0];
  return anchor ?? { logGroup: '', logStream: '', message: '' };
}

/** In a task, the lines that report a failure could have been written by its author. */
const endings: Readonly<Record<Outcome, string>> = {
  succeeded: '',
  failed: '; the log says that it failed',
  denied: '; the log says that it was refused',
  'no-effect': '; the log says that it changed nothing',
  unknown: '; its outcome is not visible',
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
function startingUpper(sentence: string, { targets }: Change): string {
  const beginsWithName = targets.some((target) => sentence.startsWith(shownName(target)));
  return beginsWithName ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

type Named = Pick<Change, 'verb' | 'targets' | 'roles' | 'object'>;

/**
 * What a change did, with its names filled in.
 *
 * @returns undefined for a change of unknown kind, whose title is its detection's
 */
function clauseOf(change: Named): Clause | undefined {
  if (change.verb === undefined) return undefined;
  const { title } = verbs[change.verb];
  const { done, does, tried } = 'done' in title ? title : title[credentialKind(change.object)];
  const names = namesOf(change);
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

function namesOf({ targets, roles, object }: Named) {
  const role = roles.length > 0 ? noun('role', roles) : undefined;
  const tables = object === undefined ? [] : partTables(object);
  return {
    /** `bob`, `user record 6`, `a user` */
    whom: targets.length > 0 && !isRecord(targets) ? shownNames(targets) : noun('user', targets),
    /** `user bob`, `users bob and carol`, `user record 6`, `a user` */
    user: noun('user', targets),
    userWas: targets.length > 1 ? 'were' : 'was',
    /** ` (bob and carol)`, or nothing */
    names: targets.length === 0 ? '' : ` (${shownNames(targets)})`,
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
    dag: object === undefined ? 'a DAG' : `DAG ${shownName(object.replace(/^DAG:/, ''))}`,
    /** `table ab_user`, `tables ab_role and ab_user`, `tables of users and roles` */
    tables:
      tables.length === 0
        ? 'tables of users and roles'
        : `table${tables.length > 1 ? 's' : ''} ${shownNames(tables, tables.length)}`,
    tablesWere: tables.length === 1 ? 'was' : 'were',
  };
}

/** `a user`, `user bob`, `users bob and carol`; a web request names a record by its number. */
function noun(word: string, names: readonly string[]): string {
  if (names.length === 0) return `a ${word}`;
  if (isRecord(names)) return `${word} record ${names[0]}`;
  return `${word}${names.length > 1 ? 's' : ''} ${shownNames(names)}`;
}

function isRecord(names: readonly string[]): boolean {
  return names.length === 1 && /^\d{1,12}$/.test(names[0] ?? '');
}
