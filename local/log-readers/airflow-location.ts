import { basename, relative, resolve, sep } from 'node:path';
import type { LogType } from '../../lambda/log-types.ts';

/** Where MWAA would have sent the lines of a file of an Airflow `logs/` folder. */
export interface AirflowLocation {
  readonly logType: LogType;
  readonly logStream: string;
  /** False for a path that says nothing: then the lines must look like Airflow's. */
  readonly certain: boolean;
}

/** Names of folders and parts of file names, by the log type that they stand for. */
const services: readonly (readonly [RegExp, RegExp, LogType])[] = [
  [/^(web-?server|api[-_]server)$/, /web-?server|api[-_]server|gunicorn|uvicorn/, 'WebServer'],
  [/^(worker|celery)$/, /worker|celery/, 'Worker'],
  // MWAA sends the triggerer's lines to the Scheduler group.
  [
    /^(scheduler|triggerer)$/,
    /scheduler|triggerer|startup_script_execution|requirements_install/,
    'Scheduler',
  ],
];

const day = /^(\d{4}-\d\d-\d\d|latest)$/;

/**
 * Decides log type and stream by the file's path below `root`.
 *
 * Streams have the shapes that MWAA gives them (amazon-mwaa-docker-images,
 * `mwaa/logging/cloudwatch_handlers.py`): the path from `dag_id=` on with `:` and `*` as `_` for
 * tasks; `scheduler_<file>.py.log` for a DAG file processed by Airflow 2 (`scheduler/<day>/`) and
 * `scheduler_dag_processor_<file>.py.log` by Airflow 3 (`dag_processor/<day>/`);
 * `dag_processor_manager.log`. Logs of services have their own names after the service's. A file
 * whose path tells nothing counts as a task's log.
 */
export function locateAirflowLog(root: string, file: string): AirflowLocation {
  const path = resolve(file).replace(/\.gz$/, '').split(sep);
  const name = path.at(-1) ?? '';
  const task = path.findLastIndex((segment) => segment.startsWith('dag_id='));
  if (task >= 0) return located('Task', path.slice(task).join('/'));

  const below = segmentsBelow(root, file);
  const folders = below.slice(0, -1);
  if (/^dag[-_]processor[-_]manager/.test(name)) return located('DAGProcessing', name);
  const daily = path.findLastIndex((segment, index) => index > 0 && day.test(segment));
  if (path[daily - 1] === 'dag_processor') {
    return located('DAGProcessing', `scheduler_dag_processor_${name}`);
  }
  if (path[daily - 1] === 'scheduler') return located('DAGProcessing', `scheduler_${name}`);
  for (const [folderName, , logType] of services) {
    const index = folders.findLastIndex((folder) => folderName.test(folder));
    if (index >= 0) return located(logType, below.slice(index).join('_'));
  }
  for (const [, fileName, logType] of services) {
    if (fileName.test(name)) return located(logType, name);
  }
  // Airflow up to 2.2: <dag>/<task>/<logical date>/<attempt>.log
  const isOldTask = /^\d{4}-\d\d-\d\dT/.test(path.at(-2) ?? '') && /^\d+\.log$/.test(name);
  if (isOldTask) return located('Task', path.slice(-4).join('/'));
  return { ...located('Task', below.slice(1).join('/')), certain: false };
}

/** The path from the root folder on, that folder's own name included. */
function segmentsBelow(root: string, file: string): string[] {
  const absoluteRoot = resolve(root);
  const inside = relative(absoluteRoot, resolve(file)).replace(/\.gz$/, '');
  // The root is the file itself: its folder stands for the root.
  if (inside === '') return absoluteRoot.replace(/\.gz$/, '').split(sep).slice(-2);
  return [basename(absoluteRoot), ...inside.split(sep)];
}

function located(logType: LogType, logStream: string): AirflowLocation {
  return { logType, logStream: logStream.replace(/[:*]/g, '_').slice(0, 512), certain: true };
}
