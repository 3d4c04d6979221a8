import {
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand as Publish, type PublishCommand } from '@aws-sdk/client-sns';
import type { Severity } from '../../../lambda/model/severity.ts';
import type { Candidate, DetectionInPlan, ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import { planRegexp } from '../../regexp-programs.ts';
import { type EndTimeReading, isWithin } from './end-time.ts';
import {
  awsError,
  countRow,
  documentedPlan,
  healthyMonitor,
  invoke,
  scheduledEvent,
} from './monitor-fixture.ts';

export const task = 'airflow-prod-Task';
export const stream = 'dag_id=promote/run_id=manual/task_id=grant/attempt=1.log';

const granted: DetectionInPlan = {
  id: 'cli-role-granted',
  title: 'Airflow CLI granted a role',
  severity: 'high',
  raise: [
    { when: { role: ['Admin'] }, severity: 'critical' },
    { when: { by: ['root'] }, severity: 'critical' },
  ],
  signal: 'outcome',
  verb: 'grant-role',
  parse: [
    planRegexp('User "([^"]+)" added to role "([^"]+)"(?: by (\\w+))?', {
      ...{ target: 1, role: 2, by: 3 },
    }),
  ],
  attack: ['T1098.003'],
  runbook: 'docs/runbooks/role-granted.md',
  anchors: ['added to role'],
};
const commandRun: DetectionInPlan = {
  ...granted,
  id: 'privilege-command-run',
  title: 'A command that changes privileges was run',
  severity: 'medium',
  raise: [],
  signal: 'command',
  parse: [],
  anchors: ['airflow'],
};
const { verb: _, ...anyCommand } = commandRun;

/** A detection of all events that contain a text. */
export function containing(id: string, text: string): Candidate {
  return {
    id,
    filter: `@message like "${text}"`,
    condition: { field: 'message', contains: text },
  };
}

export const packPlan: ScanPlan = {
  ...documentedPlan,
  candidates: [
    containing('add-role', 'add-role'),
    containing('cli-role-granted', 'added to role'),
    containing('privilege-command-run', 'airflow users'),
  ],
  detections: [granted, anyCommand],
};

/** The text that asks for all of its detections. */
export const { queryString: wholePack } = packText(packPlan.candidates, packPlan.packRowsMax);

/** One event of the logs that the fake Logs Insights holds. */
export interface HeldEvent {
  /** ISO 8601 in UTC, without the zone. */
  readonly at: string;
  readonly message: string;
  readonly logGroup?: string;
  readonly logStream?: string;
  /** When it can be found, like `at`. @default at once */
  readonly visibleAt?: string;
}

export function grant(user: string, at: string, role = 'Viewer'): HeldEvent {
  return { at, message: `User "${user}" added to role "${role}"` };
}

export function command(user: string, at: string, role = 'Viewer'): HeldEvent {
  return {
    at,
    message: `Running command: ['bash', '-c', 'airflow users add-role -u ${user} -r ${role}']`,
  };
}

/** One query as StartQuery got it. */
interface Asked {
  readonly start: number;
  readonly end: number;
  readonly logGroups: readonly string[];
}

/**
 * A monitor whose Logs Insights holds events: each text of the pack returns all of the groups and
 * the window, whether or not they belong to a detection; the documented query counts those
 * that contain `add-role`.
 */
export function monitorWith(
  events: readonly HeldEvent[],
  plan: Partial<ScanPlan> = {},
  endTime: EndTimeReading = 'second',
) {
  const whole = { ...packPlan, ...plan };
  const fixture = healthyMonitor(whole);
  /** The clock's time during the current tick. */
  const time = { nowEpochMs: 0 };
  /** Groups that make every query of them fail. */
  const missing = new Set<string>();
  const asked: Asked[] = [];
  const counted: Asked[] = [];
  fixture.logs.on(StartQueryCommand).callsFake(async (input) => {
    if (input.logGroupNames.some((group: string) => missing.has(group))) {
      throw awsError('ResourceNotFoundException');
    }
    const query = { start: input.startTime, end: input.endTime, logGroups: input.logGroupNames };
    const isPack = input.queryString !== whole.documentedQuery;
    return {
      queryId: `${isPack ? 'pack' : 'count'} ${(isPack ? asked : counted).push(query) - 1}`,
    };
  });
  fixture.logs.on(GetQueryResultsCommand).callsFake(async ({ queryId }) => {
    const [kind, number] = queryId.split(' ');
    const query = (kind === 'pack' ? asked : counted)[Number(number)];
    const found = events.filter(({ at, visibleAt = at, logGroup = task }) => {
      if (query === undefined || Date.parse(`${visibleAt}Z`) > time.nowEpochMs) return false;
      const span = { from: query.start, to: query.end };
      const isIn = isWithin(Date.parse(`${at}Z`) / 1000, span, endTime);
      return isIn && query.logGroups.includes(logGroup);
    });
    const results = kind === 'pack' ? found.map(packRow) : countRows(found);
    return { status: 'Complete', results, statistics: { bytesScanned: 1000 } };
  });
  return { ...fixture, asked, counted, missing, time };
}

function packRow({ at, visibleAt = at, message, ...event }: HeldEvent): ResultField[] {
  const { logGroup = task, logStream = stream } = event;
  const cells = {
    '@timestamp': at.replace('T', ' '),
    '@ingestionTime': visibleAt.replace('T', ' '),
    '@log': `123456789012:${logGroup}`,
    '@logStream': logStream,
    '@message': message,
  };
  return Object.entries(cells).map(([field, value]) => ({ field, value }));
}

function countRows(events: readonly HeldEvent[]): ResultField[][] {
  const matches = events.filter(({ message }) => message.includes('add-role'));
  const byGroup = Map.groupBy(matches, ({ logGroup = task }) => logGroup);
  return [...byGroup].map(([logGroup, all]) => countRow(logGroup, all.length));
}

type Fixture = ReturnType<typeof monitorWith>;

/** Runs the tick of a time of the day, or of a date and time. */
export function tickAt(fixture: Fixture, when: string) {
  const minute = when.includes('T') ? when : `2026-03-01T${when}`;
  fixture.time.nowEpochMs = Date.parse(`${minute}:04Z`);
  const clock = { nowEpochMs: () => fixture.time.nowEpochMs };
  return invoke({ ...fixture.monitor, clock }, { ...scheduledEvent, time: `${minute}:00Z` });
}

/** The published messages in order: the JSON for machines, with the subject. */
export function published({ sns }: Pick<Fixture, 'sns'>) {
  return sns.commandCalls(Publish as typeof PublishCommand).map((call) => {
    const { Message = '', Subject, TopicArn } = call.args[0].input;
    return { Subject, TopicArn, ...JSON.parse(JSON.parse(Message).default) };
  });
}

export function withSeverity(severity: Severity): Partial<ScanPlan> {
  return { detections: [{ ...granted, severity, raise: [] }, anyCommand] };
}
