import type { Actor } from './finding.ts';
import { type LogType, logTypes } from './log-types.ts';

/** Where a line was written, as far as its log group and stream show. */
export type Origin = 'task' | 'dag-file' | 'startup-script' | 'web-server' | 'service';

/** The log type that a log group's name ends with: `airflow-<environment>-Task`. */
export function logTypeOf(logGroup: string): LogType | undefined {
  return logTypes.find((logType) => logGroup.endsWith(`-${logType}`));
}

interface Place {
  readonly logGroup: string;
  readonly logStream: string;
}

/**
 * Who wrote a line. MWAA chooses the stream's name, not the line's author; MWAA writes `_` for each
 * `:`, which stays as it is.
 *
 * Streams of MWAA (aws/amazon-mwaa-docker-images, `python/mwaa/logging/cloudwatch_handlers.py`):
 * `dag_id=<dag>/run_id=<run>/task_id=<task>/[map_index=<n>/]attempt=<n>.log[.trigger.<id>.log]`;
 * before Airflow 2.3 `<dag>/<task>/<date>/<n>.log`.
 *
 * @param user the Airflow user that an access line names
 */
export function actorOf(place: Place, user?: string): Actor {
  return { ...placeOf(place), ...(user === undefined ? {} : { user }) };
}

function placeOf({ logGroup, logStream }: Place): Actor {
  switch (logTypeOf(logGroup)) {
    case 'Task':
      return taskOf(logStream);
    case 'DAGProcessing': {
      const dagFile = dagFileOf(logStream);
      return dagFile === undefined ? {} : { dagFile };
    }
    default:
      return {};
  }
}

const taskStream =
  /^dag_id=([^/]+)\/run_id=(.+)\/task_id=([^/]+)\/(?:map_index=(-?\d{1,9})\/)?attempt=(\d{1,9})\.log(?:\.trigger\.[^/]+)?$/;
const olderTaskStream = /^([^/]+)\/([^/]+)\/(\d{4}-\d\d-\d\dT[^/]+)\/(\d{1,9})\.log$/;

function taskOf(logStream: string): Actor {
  const [, dag, run, task, mapIndex, attempt] = taskStream.exec(logStream) ?? [];
  if (dag !== undefined && run !== undefined && task !== undefined) {
    return {
      dag,
      run,
      task,
      ...(mapIndex === undefined ? {} : { mapIndex: Number(mapIndex) }),
      attempt: Number(attempt),
    };
  }
  const [, olderDag, olderTask, date, number] = olderTaskStream.exec(logStream) ?? [];
  if (olderDag === undefined || olderTask === undefined || date === undefined) return {};
  return { dag: olderDag, run: date, task: olderTask, attempt: Number(number) };
}

/**
 * `scheduler_<file>.py.log` (Airflow 2), `scheduler_dag_processor_<file>.log` (Airflow 3),
 * `dag_processor/<date>/<bundle>/<file>.log` (Airflow 3's own names).
 */
function dagFileOf(logStream: string): string | undefined {
  return (
    /^dag_processor\/\d{4}-\d\d-\d\d\/[^/]+\/(.+)\.log$/.exec(logStream)?.[1] ??
    /^scheduler_dag_processor_(.+)\.log$/.exec(logStream)?.[1] ??
    /^scheduler_(.+\.(?:py|zip))\.log$/.exec(logStream)?.[1]
  );
}

/** What kind of process wrote a line. */
export function originOf(place: Place): Origin {
  if (/^startup_script_execution/.test(place.logStream)) return 'startup-script';
  switch (logTypeOf(place.logGroup)) {
    case 'Task':
      return 'task';
    case 'DAGProcessing':
      return 'dag-file';
    case 'WebServer':
      return 'web-server';
    default:
      return 'service';
  }
}
