import { minuteMs } from '../../lambda/common/time.ts';
import { logGroupName } from '../../lambda/model/log-types.ts';
import { parseRegexp } from '../../query-language/regexp/parse-regexp.ts';
import { hostileStrings } from '../../test/queries/hostile-strings.ts';
import { packRegexps } from '../../test/queries/pack-regexps.ts';
import type { CannedEvent } from './canned-engine.ts';

export const floodedEnvironment = 'Prod';

/** Events that one actor writes within a minute to hide another actor's change. */
export interface Flood {
  readonly name: string;
  /** @param startEpochMs start of the minute */
  readonly events: (startEpochMs: number) => CannedEvent[];
}

/** The user of the real grant, whom no flood names. */
export const grantedUser = 'quietly_granted';

const logGroup = logGroupName(floodedEnvironment, 'Task');
const floodStream = 'dag_id=flood/run_id=manual__1/task_id=print/attempt=1.log';
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/**
 * The change that must be reported: the command's echo and its success line, in a separate stream.
 */
export function realGrant(startEpochMs: number): CannedEvent[] {
  const logStream = 'dag_id=quiet/run_id=manual__1/task_id=grant/attempt=1.log';
  const timestamp = startEpochMs + minuteMs / 2;
  return [
    {
      ...{ logGroup, logStream, timestamp, kind: 'real-command' },
      message: `${prefix(timestamp, 88)}Running command: ['/usr/bin/bash', '-c', 'airflow users add-role -u ${grantedUser} -r Admin']`,
    },
    {
      ...{ logGroup, logStream, timestamp: timestamp + 3_000, kind: 'real-success' },
      message: prefix(timestamp + 3_000, 106) + granted(grantedUser),
    },
  ];
}

function prefix(epochMs: number, line: number): string {
  const time = new Date(epochMs).toISOString().replace('Z', '+0000');
  return `[${time}] {subprocess.py:${line}} INFO - `;
}

function granted(user: string): string {
  return `User "${user}" added to role "Admin"`;
}

interface Spread {
  readonly count: number;
  readonly kind: string;
  readonly text: (index: number) => string;
  /** @default one stream for all */
  readonly stream?: (index: number) => string;
  /** @default a minute */
  readonly spanMs?: number;
}

function spread({ count, kind, text, stream = () => floodStream, spanMs = minuteMs }: Spread) {
  return (startEpochMs: number): CannedEvent[] =>
    Array.from({ length: count }, (_, index) => {
      const timestamp = startEpochMs + Math.floor((index * spanMs) / count);
      const message = prefix(timestamp, 106) + text(index);
      return { logGroup, logStream: stream(index), timestamp, kind, message };
    });
}

/** A forged grant, padded to a size. */
function padded(bytes: number) {
  return (index: number) => `${granted(`user${index}`)}\n`.padEnd(bytes - 60, 'x');
}

function rows(bytes: number, totalBytes: number, kind: string): Spread {
  return { count: Math.floor(totalBytes / bytes), kind, text: padded(bytes) };
}

function repeated(unit: (index: number) => string, count: number, separator: string): string {
  return Array.from({ length: count }, (_, index) => unit(index)).join(separator);
}

function commands(index: number): string {
  const script = repeated(
    (at) => `airflow users add-role -u user${index}_${at} -r Admin`,
    100,
    '; ',
  );
  return `Running command: ['/usr/bin/bash', '-c', '${script}']`;
}

function successes(count: number, index: number): string {
  return repeated((at) => granted(`user${index}_${at}`), count, '\n');
}

/**
 * For each regular expression of the pack, the texts built from its tree to be most expensive; each
 * after a forged grant, so that all are read.
 */
function hostileTexts(startEpochMs: number): CannedEvent[] {
  const texts = packRegexps.flatMap(({ source }, at) => {
    const { root } = parseRegexp(source, { start: 0, end: source.length });
    return hostileStrings(root).map(({ text }, index) => ({
      kind: `tree-${at}-${index}`,
      text: text(hostileCharacters),
    }));
  });
  return texts.map(({ kind, text }, index) => {
    const timestamp = startEpochMs + Math.floor((index * minuteMs) / texts.length);
    const message = `${prefix(timestamp, 106)}${granted(`user${index}`)}\n${text}`;
    return { logGroup, logStream: floodStream, timestamp, kind, message };
  });
}

/** Together, all of them are about 100 MB. */
const hostileCharacters = 15 * kilobyte;

const total = 100 * megabyte;
const streamOf = (index: number) => `dag_id=flood${index}/run_id=1/task_id=t/attempt=1.log`;
const forged = (index: number) => granted(`user${index}`);

export const floods: readonly Flood[] = [
  {
    name: '60,000 forged grants in one stream',
    events: spread({ count: 60_000, kind: 'forged', text: forged }),
  },
  {
    name: '60,000 forged grants in 60,000 streams',
    events: spread({ count: 60_000, kind: 'forged', text: forged, stream: streamOf }),
  },
  {
    name: '60,000 forged grants of one user in one stream',
    events: spread({ count: 60_000, kind: 'forged', text: () => granted('same') }),
  },
  { name: '100 MB in rows of 1 kB', events: spread(rows(kilobyte, total, 'row-1k')) },
  { name: '100 MB in rows of 16 kB', events: spread(rows(16 * kilobyte, total, 'row-16k')) },
  { name: '100 MB in rows of 250 kB', events: spread(rows(250 * kilobyte, total, 'row-250k')) },
  { name: '100 MB in rows of 1 MB', events: spread(rows(megabyte - 100, total, 'row-1m')) },
  {
    name: '50 MB in rows of 1 kB, then 50 MB in rows of 1 MB',
    events: (startEpochMs) => [
      ...spread({ ...rows(kilobyte, total / 2, 'row-1k'), spanMs: minuteMs / 2 })(startEpochMs),
      ...spread({ ...rows(megabyte - 100, total / 2, 'row-1m'), spanMs: minuteMs / 2 })(
        startEpochMs + minuteMs / 2,
      ),
    ],
  },
  {
    name: '100 MB of printed grants in rows of 250 kB',
    events: spread({ count: 400, kind: 'full-250k', text: (index) => successes(6_000, index) }),
  },
  {
    name: '500 lines of 100 commands',
    events: spread({ count: 500, kind: 'commands', text: commands }),
  },
  {
    name: '1,000 events of 110 printed grants',
    events: spread({ count: 1_000, kind: 'grants', text: (index) => successes(110, index) }),
  },
  {
    name: '1,200 rows of 250 kB in one second',
    events: spread({ ...rows(250 * kilobyte, 300 * megabyte, 'row-250k'), spanMs: 1_000 }),
  },
  { name: "texts made of the expressions' trees", events: hostileTexts },
];
