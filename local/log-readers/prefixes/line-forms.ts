import { type LogType, logTypes } from '../../../lambda/model/log-types.ts';
import { readIsoTime } from '../exports/event-record.ts';
import { readExportedLine, typeOfService } from '../formats/airflow-location.ts';
import { readLineStart } from '../formats/airflow-stamp.ts';
import { isPlausible } from '../report/read-report.ts';

/** A line without what another program wrote before it, and what that says. */
export interface PrefixedLine {
  readonly text: string;
  /** The time of the prefix, in epoch milliseconds. */
  readonly epochMs?: number;
  readonly ingestionEpochMs?: number;
  readonly logGroup?: string;
  readonly logStream?: string;
  /** The program or container that wrote the line. */
  readonly source?: string;
  /** The log type that the names of program and container show. */
  readonly logType?: LogType | undefined;
  /** Whether the next line of the same source continues this one. */
  readonly isPartial?: boolean;
}

/** How another program writes the lines of a log. */
export interface LineForm {
  readonly name: string;
  /**
   * What has a prefix: each event, which lines without one continue; or each line, which then is a
   * line of an Airflow log.
   */
  readonly marks: 'events' | 'lines';
  /** Whether a file of it names only one log group. */
  readonly hasOneGroup?: boolean;
  /** @returns undefined for a line without the prefix */
  readonly read: (line: string) => PrefixedLine | undefined;
  /**
   * For a prefix of common words, which `read` accepts only before a line of Airflow: reads it before
   * any other line, if the source is one that was seen before.
   */
  readonly readKnown?: (line: string) => PrefixedLine | undefined;
}

const time =
  '\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)';
/** A stream of MWAA, in which only a run's id can contain blanks, or any other without blanks. */
const taskStream = 'dag_id=.{1,480}?attempt=\\d{1,6}\\.log(?:\\.trigger\\.\\d{1,9}\\.log)?';
const serviceStream = '[a-z][a-z_-]{2,40}_[^\\s:*]{1,400}\\.log[^\\s:*]{0,40}';

/** Colours around a prefix. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are control characters
const escapes = /\u001b\[[0-9;]*m/g;

/** A form whose prefix is what a regular expression with named groups finds. */
function form(
  name: string,
  marks: LineForm['marks'],
  pattern: RegExp,
  accepts?: (found: PrefixedLine) => boolean,
): LineForm {
  const readAny = (line: string): PrefixedLine | undefined => {
    // Only a line with an escape near its start can have a coloured prefix.
    const escapeAt = line.indexOf('\u001b');
    const plain = escapeAt >= 0 && escapeAt < 400 ? line.replace(escapes, '') : line;
    const groups = pattern.exec(plain)?.groups;
    if (groups === undefined) return undefined;
    const { at, ingested, group, stream, source, container, part, text = '' } = groups;
    const epochMs = at === undefined ? undefined : readIsoTime(zoned(at));
    if (epochMs !== undefined && !isPlausible(epochMs)) return undefined;
    const ingestionEpochMs = ingested === undefined ? undefined : readIsoTime(ingested);
    const names = [container, source].filter((one) => one !== undefined);
    return {
      text,
      ...(epochMs !== undefined && { epochMs }),
      ...(ingestionEpochMs !== undefined && isPlausible(ingestionEpochMs) && { ingestionEpochMs }),
      ...(group !== undefined && { logGroup: group }),
      ...(stream !== undefined && { logStream: stream }),
      ...(names.length > 0 && { source: names.toReversed().join('/') }),
      ...(names.length > 0 && { logType: firstType(names) }),
      ...(part === 'P' && { isPartial: true }),
    };
  };
  if (accepts === undefined) return { name, marks, read: readAny };
  const read = (line: string) => {
    const found = readAny(line);
    return found !== undefined && accepts(found) ? found : undefined;
  };
  return { name, marks, read, readKnown: readAny };
}

function zoned(at: string): string {
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(at) ? at : `${at}Z`;
}

function firstType(names: readonly string[]): LogType | undefined {
  for (const name of names) {
    const logType = typeOfService(name);
    if (logType !== undefined) return logType;
  }
  return undefined;
}

/** Whether a line is Airflow's own or of an access log: what a prefix of common words precedes. */
function isStamped({ text }: PrefixedLine): boolean {
  return readLineStart(text).kind !== 'plain';
}

function jsonForm(
  name: string,
  read: (value: Readonly<Record<string, unknown>>) => PrefixedLine | undefined,
): LineForm {
  return {
    name,
    marks: 'lines',
    read(line) {
      if (!line.startsWith('{') || !line.trimEnd().endsWith('}')) return undefined;
      try {
        return read(JSON.parse(line));
      } catch {
        return undefined;
      }
    },
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Lines that a container wrote, as JSON of Docker's json-file driver or of Fluent Bit. */
const dockerJson = jsonForm('docker', (value) => {
  const log = text(value.log);
  if (log === undefined) return undefined;
  const { kubernetes = {}, container_name: container } = value as {
    kubernetes?: Readonly<Record<string, unknown>>;
    container_name?: unknown;
  };
  const names = [kubernetes.container_name ?? container, kubernetes.pod_name].flatMap(
    (one) => text(one) ?? [],
  );
  const epochMs = readIsoTime(text(value.time) ?? text(value['@timestamp']) ?? '');
  return {
    text: log.replace(/\r?\n$/, ''),
    ...(isPlausible(epochMs) && { epochMs }),
    ...(names.length > 0 && { source: names.toReversed().join('/'), logType: firstType(names) }),
    // Docker cuts a line at 16 kB; Fluent Bit removes the line end of each.
    ...(value.stream !== undefined &&
      names.length === 0 &&
      !log.endsWith('\n') && { isPartial: true }),
  };
});

const sternJson = jsonForm('stern', (value) => {
  const message = text(value.message);
  const pod = text(value.podName);
  if (message === undefined || pod === undefined) return undefined;
  const names = [text(value.containerName), pod].filter((one) => one !== undefined);
  return {
    text: message.replace(/\r?\n$/, ''),
    source: names.toReversed().join('/'),
    logType: firstType(names),
  };
});

const journalJson = jsonForm('journald', (value) => {
  const message = text(value.MESSAGE);
  const microseconds = Number(value.__REALTIME_TIMESTAMP);
  if (message === undefined || !isPlausible(microseconds / 1000)) return undefined;
  const names = [value.CONTAINER_NAME, value._SYSTEMD_UNIT, value.SYSLOG_IDENTIFIER].flatMap(
    (one) => text(one) ?? [],
  );
  return {
    text: message,
    epochMs: Math.floor(microseconds / 1000),
    ...(names[0] !== undefined && { source: names[0], logType: firstType(names) }),
  };
});

const mwaaGroupName = `airflow-[\\w-]{1,80}-(?:${logTypes.join('|')})|/[-._/#A-Za-z0-9]{1,511}`;
const awslogsTimes = `(?:(?<at>${time}) )?(?:(?<ingested>${time}) )?(?<text>.*)`;

const withAnyStream = form(
  'awslogs',
  'events',
  new RegExp(`^(?<group>${mwaaGroupName}) +(?<stream>[^\\s:*[{]{1,512}) +${awslogsTimes}$`, 's'),
  isStamped,
);
const withOwnStream = form(
  'awslogs',
  'events',
  new RegExp(
    `^(?<group>${mwaaGroupName}) +(?:(?<stream>${taskStream}|(?=\\S*[_/=])[^\\s:*[{]{1,512}) +)?${awslogsTimes}$`,
    's',
  ),
);

/** Group, stream, times and message; each but the message can be switched off. */
const awslogs: LineForm = {
  name: 'awslogs',
  marks: 'events',
  hasOneGroup: true,
  read: (line) => {
    const found = withOwnStream.read(line);
    // Without MWAA's name for a stream, the word after the group is one if Airflow's line follows it.
    return found?.logStream === undefined ? (withAnyStream.read(line) ?? found) : found;
  },
};

const program = '[A-Za-z0-9][\\w./@-]{0,80}';

/**
 * What other programs write before a line, the more particular before the more general.
 *
 * A prefix of every line shows where it is from, whatever the line contains. A prefix of events can
 * be forged by a message of several lines, as the stamp of an Airflow log can.
 */
export const lineForms: readonly LineForm[] = [
  {
    name: 'an export to S3',
    marks: 'events',
    read: readExportedLine,
  },
  form(
    'containerd',
    'lines',
    new RegExp(
      `^(?<at>${time}) (?:stdout|stderr) (?<part>[FP])(?::[A-Z:]*)?(?: (?<text>.*))?$`,
      's',
    ),
  ),
  form(
    'syslog',
    'lines',
    new RegExp(
      `^(?:<\\d{1,3}>\\d? ?)?(?:(?<at>${time})|[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?) [\\w.:-]{1,255} (?<source>[A-Za-z][\\w./@-]{0,80})(?:\\[\\d+\\])?: ?(?<text>.*)$`,
      's',
    ),
  ),
  form(
    'aws logs tail',
    'events',
    new RegExp(
      `^(?<at>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{6})?[+-]\\d\\d:\\d\\d) (?<stream>${taskStream}|[^\\s:*[{]{1,512})(?: (?<text>.*))?$`,
      's',
    ),
  ),
  form(
    'aws logs tail --format short',
    'events',
    /^(?<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) (?!\[[a-z]+ *\])(?<text>.*)$/s,
  ),
  awslogs,
  form(
    'awslogs --no-group',
    'events',
    new RegExp(
      `^(?<stream>${taskStream}|${serviceStream}) +(?:(?<at>${time}) )?(?:(?<ingested>${time}) )?(?<text>.*)$`,
      's',
    ),
  ),
  form(
    'kubectl --prefix',
    'lines',
    new RegExp(
      `^\\[pod/(?<source>[\\w.-]{1,253})/(?<container>[\\w.-]{1,63})\\] (?:(?<at>${time}) )?(?<text>.*)$`,
      's',
    ),
  ),
  form(
    'docker compose or airflow standalone',
    'lines',
    new RegExp(`^(?<source>${program}) *\\|(?: (?:(?<at>${time}) )?(?<text>.*))?$`, 's'),
  ),
  form(
    'kubectl or docker logs with times',
    'lines',
    // `2026-05-06T01:00:14.610844Z [info ]` is Airflow's own.
    new RegExp(`^(?<at>${time}) (?!\\[[a-z]+ *\\])(?<text>.*)$`, 's'),
  ),
  form(
    'stern',
    'lines',
    new RegExp(
      `^(?:[a-z0-9][a-z0-9-]{0,62} )?(?<source>[a-z0-9][a-z0-9.-]{0,252}) (?<container>[a-z0-9][a-z0-9-]{0,62})(?: ›)? (?:(?<at>${time}) )?(?<text>.*)$`,
      's',
    ),
    isStamped,
  ),
  dockerJson,
  sternJson,
  journalJson,
];
