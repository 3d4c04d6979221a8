import type { SeededRandom } from '../seeded-random.ts';

/** Formats a text as a logger of Airflow does, with its time. */
export type LogFormat = (text: string, epochMs: number) => string;

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '');
}

function jsonRecord(logger: string): LogFormat {
  return (text, epochMs) =>
    JSON.stringify({ timestamp: `${isoTime(epochMs)}000`, level: 'info', event: text, logger });
}

/** What a task's command or code prints, in Airflow 2 and 3. */
export const taskFormats: readonly LogFormat[] = [
  (text, at) => `[${isoTime(at)}+0000] {subprocess.py:106} INFO - ${text}`,
  (text, at) =>
    `[${isoTime(at).slice(0, 19).replace('T', ', ')} UTC] {{subprocess.py:93}} INFO - ${text}`,
  (text, at) => `[${isoTime(at)}+0000] {logging_mixin.py:190} INFO - ${text}`,
  jsonRecord('airflow.task.hooks.airflow.providers.standard.hooks.subprocess.SubprocessHook'),
  (text) => `[INFO] - ${text}`,
  (text) => text,
];

/** A statement of a database hook. */
export const sqlFormats: readonly LogFormat[] = [
  (text, at) => `[${isoTime(at)}+0000] {sql.py:553} INFO - ${text}`,
  jsonRecord('airflow.task.hooks.airflow.providers.postgres.hooks.postgres.PostgresHook'),
];

/** A line of Airflow's security manager. */
export const securityManagerFormats: readonly LogFormat[] = [
  (text, at) => `[${isoTime(at)}+0000] {override.py:1596} INFO - ${text}`,
  (text, at) => `[${isoTime(at)}+0000] {{manager.py:568}} INFO - ${text}`,
  (text, at) =>
    `${isoTime(at)}000Z [info     ] ${text} [airflow.providers.fab.auth_manager.security_manager.override] loc=override.py:1711`,
];

/** A request as a web server writes it. */
export interface WebRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Three digits, or a forged status. */
  readonly status: string;
  readonly user?: string;
  readonly agent?: string;
}

type RequestFormat = (request: WebRequest, epochMs: number) => string;

/** Gunicorn's line of Airflow 2; uvicorn's and structlog's of Airflow 3, which name nobody. */
export const requestFormats: readonly RequestFormat[] = [
  gunicornLine,
  ({ method, path, status }) =>
    `INFO:     127.0.0.1:47400 - "${method} ${path} HTTP/1.1" ${status} OK`,
  ({ method, path, status }, at) => {
    const [place = '', query = ''] = path.split('?', 2);
    return `${isoTime(at)}000Z [info     ] request finished               [http.access] client_addr=127.0.0.1:42078 duration_us=17733 loc=http_access_log.py:98 method=${method} path=${place} query=${query} status_code=${status}`;
  },
  ({ method, path, status }) => {
    const [place = '', query = ''] = path.split('?', 2);
    const event = 'request finished';
    return JSON.stringify({
      ...{ client_addr: '127.0.0.1:42078', event, level: 'info', logger: 'http.access' },
      ...{
        method,
        path: place,
        query,
        status_code: /^\d+$/.test(status) ? Number(status) : status,
      },
    });
  },
];

/** `127.0.0.1 - admin [22/Nov/2026:05:50:19 +0000] "POST /users/add HTTP/1.1" 302 189 "-" "curl"` */
export function gunicornLine(
  { method, path, status, user = '-', agent = 'curl/8.5.0' }: WebRequest,
  epochMs: number,
): string {
  const time = new Date(epochMs).toISOString().slice(11, 19);
  return `127.0.0.1 - ${user} [02/Mar/2026:${time} +0000] "${method} ${path} HTTP/1.1" ${status} 189 "-" "${agent}"`;
}

/** One line, in one of the given formats. */
export function written(
  random: SeededRandom,
  formats: readonly LogFormat[],
  text: string,
  epochMs: number,
): string {
  return random.pick(formats)(text, epochMs);
}
