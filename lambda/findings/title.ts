import { webRouteOf } from '../commands/web-route.ts';
import { cutText } from '../common/cut-text.ts';
import { actorOf, logTypeOf, originOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { mask } from '../text/masked-text.ts';
import { shownName } from '../text/show-text.ts';
import { clauseOf } from './clause.ts';

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
