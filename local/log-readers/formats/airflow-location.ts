import { basename, relative, resolve, sep } from 'node:path';
import { type LogType, logTypes } from '../../../lambda/model/log-types.ts';

/** Where MWAA would have sent the lines of a file in an Airflow `logs/` folder. */
export interface AirflowLocation {
  /** Undefined when the path does not show it. */
  readonly logType: LogType | undefined;
  readonly logStream: string;
  /** The environment of a log group that the path names, as in `airflow-prod-Task/…`. */
  readonly environment?: string;
  /** A log group that was given and is none of MWAA's. */
  readonly logGroup?: string;
}

/** Names of services in file and folder names. */
const services: readonly (readonly [string, LogType])[] = [
  ['web[-_]?server|api[-_]?server|gunicorn|uvicorn', 'WebServer'],
  ['worker|celery(?:[-_]worker)?', 'Worker'],
  // MWAA sends the triggerer's lines to the Scheduler group.
  ['scheduler|triggerer', 'Scheduler'],
  ['dag[-_]processor(?:[-_]manager)?', 'DAGProcessing'],
];

/** What may follow a service's name. The separator before each part keeps the match linear. */
const ending = '\\d*(?:[-_.](?:access|error|log|out|err|stdout|stderr|txt|\\d+))*$';

/**
 * MWAA's own names of streams
 * (`webserver_ip-10-0-1-2.eu-west-1.compute.internal_1795320000.1.log`), and a service's name as
 * the last word (`prod-scheduler.log.1`). Elsewhere in a name, the same word can belong to a DAG or
 * a host.
 */
const fileNames = [
  ...services.map(([name, logType]): readonly [RegExp, LogType] => [
    new RegExp(
      `^(?:${name})_(?:(?:console_)?ip|.*_\\d{9,11}(?:\\.\\d+)?\\.log)|(?:^|[^a-z])(?:${name})${ending}`,
      'i',
    ),
    logType,
  ]),
  [new RegExp(`(?:^|[^a-z])access${ending}`, 'i'), 'WebServer'] as const,
];

const folderNames = services.map(([name, logType]): readonly [RegExp, LogType] => [
  new RegExp(`^(?:airflow[-_])?(?:${name})$`, 'i'),
  logType,
]);

/** `airflow-<Environment>-<Type>`, as a folder or at the start of a file name. */
const groupName = new RegExp(
  `^airflow-([a-zA-Z][0-9a-zA-Z_-]{0,79}?)-(${logTypes.join('|')})(?![A-Za-z])`,
);

const day = /^(\d{4}-\d\d-\d\d|latest)$/;

/**
 * Finds log type and stream from the file's path below `root`, never from its content, which anyone
 * with write access to the logs controls.
 *
 * Streams are named as MWAA names them (amazon-mwaa-docker-images,
 * `mwaa/logging/cloudwatch_handlers.py`): for tasks, the path from `dag_id=` on with `:` and `*` as
 * `_`; `scheduler_<file>.py.log` for a DAG file processed by Airflow 2 (`scheduler/<day>/`) and
 * `scheduler_dag_processor_<file>.py.log` by Airflow 3 (`dag_processor/<day>/`);
 * `dag_processor_manager.log`. Logs of services have their own file name, below the service's. An
 * export to S3 has the stream as a folder and `000000.gz` in it, which is read as if the folder
 * were the file.
 */
export function locateAirflowLog(root: string, file: string): AirflowLocation {
  const below = segmentsBelow(root, file);
  const inPath = groupInPath([...below].reverse());
  const found = locate(segmentsOf(resolve(file)), below, inPath);
  return inPath === undefined ? found : { ...found, environment: inPath.environment };
}

function locate(
  path: readonly string[],
  below: readonly string[],
  inPath: MwaaGroup | undefined,
): AirflowLocation {
  const name = path.at(-1) ?? '';
  const task = path.findLastIndex((segment) => segment.startsWith('dag_id='));
  // An export to S3 writes `-` for each `/` of the stream; no name in a stream contains `=`.
  const stream = path
    .slice(task)
    .join('/')
    .replace(/-(?=(?:run_id|task_id|map_index|attempt)=)/g, '/');
  if (task >= 0) return located('Task', stream);
  if (/^attempt=\d+\.log/.test(name)) return located('Task', below.slice(1).join('/') || name);
  // Airflow up to 2.2: <dag>/<task>/<logical date>/<attempt>.log
  const isOldTask = /^\d{4}-\d\d-\d\dT/.test(path.at(-2) ?? '') && /^\d+\.log$/.test(name);
  if (isOldTask) return located('Task', path.slice(-4).join('/'));

  if (inPath !== undefined) return located(inPath.logType, name);

  if (/^scheduler_(?:dag_processor_.+|.+\.(?:py|zip))\.log$/.test(name)) {
    return located('DAGProcessing', name);
  }
  const daily = path.findLastIndex((segment, index) => index > 0 && day.test(segment));
  if (path[daily - 1] === 'dag_processor') {
    return located('DAGProcessing', `scheduler_dag_processor_${name}`);
  }
  if (path[daily - 1] === 'scheduler') return located('DAGProcessing', `scheduler_${name}`);
  if (/^dag[-_]processor[-_]manager/.test(name)) return located('DAGProcessing', name);

  const folders = below.slice(0, -1);
  for (const [folderName, logType] of folderNames) {
    const index = folders.findLastIndex((folder) => folderName.test(folder));
    if (index >= 0) return located(logType, below.slice(index).join('_'));
  }
  const ofName = fileNames.flatMap(([pattern, logType]) => (pattern.test(name) ? [logType] : []));
  const [only, ...others] = new Set(ofName);
  // A name with two types is ambiguous.
  if (only !== undefined && others.length === 0) return located(only, name);
  return located(undefined, below.slice(1).join('/'));
}

interface MwaaGroup {
  readonly environment: string;
  readonly logType: LogType;
}

/** Takes a name of one of MWAA's log groups apart; undefined for any other name. */
export function mwaaGroup(name: string): MwaaGroup | undefined {
  const found = groupName.exec(name);
  return found?.[0] === name ? groupInPath([name]) : undefined;
}

function groupInPath(segments: readonly string[]): MwaaGroup | undefined {
  for (const segment of segments) {
    const [, environment = '', found] = groupName.exec(segment) ?? [];
    const logType = logTypes.find((one) => one === found);
    if (logType !== undefined) return { environment, logType };
  }
  return undefined;
}

/** The log type of a stream that MWAA named; undefined for any other name. */
export function typeOfStream(logStream: string): LogType | undefined {
  return locateAirflowLog('/', `/${logStream}`).logType;
}

/** A service's name among the words of a program's or a container's name. */
const serviceWords = services.map(([name, logType]): readonly [RegExp, LogType] => [
  new RegExp(`(?:^|[^a-z])(?:${name})\\d*(?:[^a-z]|$)`, 'i'),
  logType,
]);

/** The log type of a program or a container; undefined when its name shows none, or several. */
export function typeOfService(name: string): LogType | undefined {
  const found = serviceWords.flatMap(([pattern, logType]) => (pattern.test(name) ? [logType] : []));
  const [only, ...others] = new Set(found);
  return others.length === 0 ? only : undefined;
}

/** The path from the root folder on, including that folder's name. */
function segmentsBelow(root: string, file: string): string[] {
  const absoluteRoot = resolve(root);
  const inside = relative(absoluteRoot, resolve(file));
  // The root is the file itself: use its folder as the root.
  if (inside === '') return segmentsOf(absoluteRoot).slice(-2);
  return segmentsOf([basename(absoluteRoot), inside].join(sep));
}

/** Without compression suffixes and the part number of an export to S3. */
function segmentsOf(path: string): string[] {
  const segments = path.replace(/(?:\.(?:gz|bz2|xz|zst))+$/, '').split(sep);
  return /^\d{6}$/.test(segments.at(-1) ?? '') ? segments.slice(0, -1) : segments;
}

function located(logType: LogType | undefined, logStream: string): AirflowLocation {
  const name = logStream.replace(/[:*]/g, '_').slice(0, 512);
  return { logType, logStream: name === '' ? 'log' : name };
}

/** An event as an export of CloudWatch Logs to S3 writes it. */
interface ExportedLine {
  readonly epochMs: number;
  /** The message, or its first line. */
  readonly text: string;
}

/**
 * `2026-11-22T05:50:10.000Z 10.0.13.5 - admin […`: CloudWatch's own time of the event, always with
 * three digits and Z. A stamp followed by a level is structlog's, part of the record itself.
 */
const exported = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?!\[[a-z]+ *\])/;

/** Reads a line of an export to S3; undefined for a line that continues the message before it. */
export function readExportedLine(line: string): ExportedLine | undefined {
  const [head, time] = exported.exec(line) ?? [];
  const epochMs = time === undefined ? Number.NaN : Date.parse(time);
  if (head === undefined || Number.isNaN(epochMs)) return undefined;
  return { epochMs, text: line.slice(head.length) };
}
