import type { AirflowWeb } from '../model/coverage.ts';

/** Where the log lines of a finding are. */
interface LinkPlace {
  readonly region: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Event times in epoch milliseconds. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

/** How much of a stream a link shows before the first line and after the last. */
const aroundMs = 5 * 60_000;

/** The console of the Region's partition. */
function consoleUrl(region: string): string {
  const domain = region.startsWith('cn-')
    ? 'console.amazonaws.cn'
    : region.startsWith('us-gov-')
      ? 'console.amazonaws-us-gov.com'
      : 'console.aws.amazon.com';
  return `https://${region}.${domain}/cloudwatch/home?region=${region}#logsV2:`;
}

/** The stream's lines around the finding. */
export function logStreamLink(place: LinkPlace): string {
  const { region, logGroup, logStream, firstEpochMs, lastEpochMs } = place;
  const times = fragment(`?start=${firstEpochMs - aroundMs}&end=${lastEpochMs + aroundMs}`);
  return `${consoleUrl(region)}log-groups/log-group/${segment(logGroup)}/log-events/${segment(logStream)}${times}`;
}

/** Logs Insights with a query for the same lines, ready to run. */
export function insightsLink(place: LinkPlace): string {
  return insightsQueryLink(place, [place.logGroup], streamQuery(place.logStream));
}

/** A log group in the console, for what concerns no single stream. */
export function logGroupLink(region: string, logGroup: string): string {
  return `${consoleUrl(region)}log-groups/log-group/${segment(logGroup)}`;
}

/** Logs Insights with a query over log groups, ready to run. */
export function insightsQueryLink(
  span: Pick<LinkPlace, 'region' | 'firstEpochMs' | 'lastEpochMs'>,
  logGroups: readonly string[],
  query: string,
): string {
  const { region, firstEpochMs, lastEpochMs } = span;
  const detail = jsurl({
    end: new Date(lastEpochMs + aroundMs).toISOString(),
    start: new Date(firstEpochMs - aroundMs).toISOString(),
    timeType: 'ABSOLUTE',
    tz: 'UTC',
    editorString: query,
    source: logGroups,
  });
  return `${consoleUrl(region)}logs-insights${fragment(`?queryDetail=${encodeAll(detail).replaceAll('%2A', '*')}`)}`;
}

/** The lines of one stream, in order. */
export function streamQuery(logStream: string): string {
  return [
    'fields @timestamp, @message',
    `| filter ${streamCondition(logStream)}`,
    '| sort @timestamp asc',
    '| limit 1000',
  ].join('\n');
}

/**
 * Sources disagree on whether a backslash escapes inside a Logs Insights string, so a name with
 * anything but plain characters is compared by a regexp that has `.` in their place.
 */
function streamCondition(logStream: string): string {
  if (/^[\w=/.+@~ -]*$/.test(logStream)) return `@logStream = "${logStream}"`;
  const pattern = logStream.replace(/[^A-Za-z0-9_=@~ -]/gu, (character) =>
    character === '.' || character === '+' || character === '/' ? `\\${character}` : '.',
  );
  return `@logStream like /^${pattern}$/`;
}

/**
 * The run of a DAG in Airflow's web interface; undefined if no DAG is known.
 *
 * A stream's name has `_` for each `:` of the run's id. In ids that Airflow made, the colons are
 * restored; for an id that a person chose, the link may lead to the DAG only.
 */
export function airflowLink(
  web: AirflowWeb | undefined,
  actor: { readonly dag?: string; readonly run?: string; readonly task?: string },
): string | undefined {
  const { dag, run, task } = actor;
  if (web === undefined || dag === undefined) return undefined;
  const base = `${webUrl(web)}/dags/${encodeAll(dag)}`;
  const runId = run === undefined ? undefined : encodeAll(originalRunId(run));
  const taskId = task === undefined ? undefined : encodeAll(task);
  if (airflowMajor(web) >= 3) {
    if (runId === undefined) return base;
    return `${base}/runs/${runId}${taskId === undefined ? '' : `/tasks/${taskId}`}`;
  }
  const parameters = [
    runId === undefined ? '' : `dag_run_id=${runId}`,
    taskId === undefined ? '' : `task_id=${taskId}`,
  ].filter((parameter) => parameter !== '');
  return `${base}/grid${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`;
}

/** Airflow's pages Security > List Users and List Roles. */
export function airflowListLink(web: AirflowWeb, list: 'users' | 'roles'): string {
  return `${webUrl(web)}${airflowMajor(web) >= 3 ? '/auth' : ''}/${list}/list/`;
}

function webUrl({ host }: AirflowWeb): string {
  return `https://${host.replace(/^https?:\/\//, '').replace(/\/+$/, '')}`;
}

/** 2 where the version is not known. */
export function airflowMajor({ version }: Pick<AirflowWeb, 'version'>): number {
  return Number.parseInt(version ?? '2', 10);
}

/** The folder of the runbooks in this project. */
const runbookFolder = 'docs/runbooks/';

/**
 * Where a runbook is.
 *
 * @param baseUrl the address of the folder of runbooks
 * @param runbook `docs/runbooks/role-granted.md`
 * @returns undefined where no address is known
 */
export function runbookLink(baseUrl: string | undefined, runbook: string): string | undefined {
  if (baseUrl === undefined || !runbook.startsWith(runbookFolder)) return undefined;
  return `${baseUrl.replace(/\/+$/, '')}/${runbook.slice(runbookFolder.length)}`;
}

/** `scheduled__2024-01-01T00_00_00.5+00_00` with its colons. */
function originalRunId(run: string): string {
  return run.replace(
    /(\d{4}-\d\d-\d\dT\d\d)_(\d\d)_(\d\d(?:\.\d{1,9})?[+-]\d\d)_(\d\d)/,
    '$1:$2:$3:$4',
  );
}

/**
 * Percent-encoded except letters, digits and `-_.`: a mail program ends a link at a quote or
 * bracket.
 */
function encodeAll(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A part of the console's path: percent-encoded twice, with `$` as the percent sign. */
function segment(text: string): string {
  return encodeAll(encodeAll(text)).replaceAll('%', '$');
}

/** A query in the console's fragment: its own special characters are encoded once. */
function fragment(query: string): string {
  return query
    .replaceAll('%', '%25')
    .replace(/[?=&]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '$');
}

/**
 * The notation of query details in the console's links (JSURL): `~(key~'text~other~(~'item))`; in
 * texts, `*xx` for a character below 256 and `**xxxx` above.
 */
function jsurl(value: string | readonly string[] | Readonly<Record<string, unknown>>): string {
  if (typeof value === 'string') {
    const text = value.replace(/[^A-Za-z0-9_.-]/g, (unit) => {
      const code = unit.charCodeAt(0).toString(16);
      return code.length > 2 ? `**${code.padStart(4, '0')}` : `*${code.padStart(2, '0')}`;
    });
    return `~'${text}`;
  }
  if (Array.isArray(value)) return `~(${value.map((item: string) => jsurl(item)).join('')})`;
  const fields = Object.entries(value).map(
    ([key, item]) => `${key}${jsurl(item as string | readonly string[])}`,
  );
  return `~(${fields.join('~')})`;
}
