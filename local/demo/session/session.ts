import type { Evidence } from '../../../lambda/model/finding.ts';
import { type LogType, logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import { redactSecrets } from '../../../lambda/redact/redact.ts';
import type { LogEvent } from '../../log-event.ts';
import {
  environmentOfGroup,
  unknownTypeGroup,
  unnamedEnvironment,
} from '../../log-readers/report/read-report.ts';
import type { EventSample } from '../result/demo-result.ts';

/**
 * Finds passwords in commands without the monitor's own redaction, so that it can check the
 * redaction.
 */
const passwordOption =
  /\b(?:users create|create-user|create-admin|reset-password)\b[^\n]{0,400}? (?:-p|--password)[ =]["'\\]*([A-Za-z0-9][^\s"'\\,;)\]]{7,})/g;

/** Collects the passwords of the input and searches the monitor's output for them. */
export class SecretWatch {
  readonly #secrets = new Set<string>();
  readonly #leaks = new Set<string>();

  /** Collects the passwords of one input message. */
  learn(message: string): void {
    for (const [, secret = ''] of message.matchAll(passwordOption)) this.#secrets.add(secret);
  }

  /** @param where a description of where the text is */
  look(where: string, text: string): void {
    for (const secret of this.#secrets) if (text.includes(secret)) this.#leaks.add(where);
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** Where passwords of the input appear; never the passwords themselves. */
  get leaks(): readonly string[] {
    return [...this.#leaks];
  }
}

const literal = 'add-role';
const maxSamples = 30;
/** Number of characters that decide a message's kind; ids and times in them do not count. */
const kindCharacters = 300;
interface GroupTally {
  events: number;
  eventsWithAddRole: number;
  /** The first event of each kind, up to {@link maxSamples} kinds. */
  readonly samples: Map<string, EventSample>;
}

/**
 * Counts the contents of a session while it is read, by string search, with none of the monitor's
 * code.
 */
export class SessionTally {
  readonly groups = new Map<string, GroupTally>();
  readonly secrets = new SecretWatch();
  events = 0;
  firstEventEpochMs = Number.POSITIVE_INFINITY;
  lastEventEpochMs = Number.NEGATIVE_INFINITY;

  /** Yields every event unchanged. */
  async *count(events: AsyncIterable<LogEvent>): AsyncGenerator<LogEvent> {
    for await (const event of events) {
      this.#add(event);
      yield event;
    }
  }

  #add({ logGroup, logStream, timestamp, message }: LogEvent): void {
    const group = this.groups.get(logGroup) ?? {
      events: 0,
      eventsWithAddRole: 0,
      samples: new Map<string, EventSample>(),
    };
    this.groups.set(logGroup, group);
    this.events++;
    group.events++;
    this.firstEventEpochMs = Math.min(this.firstEventEpochMs, timestamp);
    this.lastEventEpochMs = Math.max(this.lastEventEpochMs, timestamp);
    this.secrets.learn(message);
    if (!message.includes(literal)) return;
    group.eventsWithAddRole++;
    const kind = kindOf(message);
    if (group.samples.size < maxSamples && !group.samples.has(kind)) {
      group.samples.set(kind, { logStream, timestamp, message: redactSecrets(message) });
    }
  }
}

function kindOf(message: string): string {
  return message.slice(0, kindCharacters).replaceAll(/[\w.:+-]*\d[\w.:+-]*/g, '#');
}

/**
 * The logs cannot be replayed, or belong to several environments; the message says what was found.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

export interface SessionGroups {
  readonly mwaaEnvironment: string;
  /** The log groups of the session, in the order of the log types. */
  readonly logGroups: readonly { readonly logType: LogType; readonly logGroup: string }[];
  /** The log group of lines of unknown log type, if there are any. */
  readonly unknownTypeGroup?: string;
  /** Log groups that do not belong to an MWAA environment. */
  readonly ignored: readonly string[];
}

/** What to do if one of two environments is that of lines that name none. */
function hintOf(environments: ReadonlySet<string>): string {
  const [named, ...others] = [...environments].filter((one) => one !== unnamedEnvironment);
  if (environments.size !== 2 || others.length > 0) return '';
  return `: lines that name no log group are of ${unnamedEnvironment}, and --environment ${named} makes them of ${named}`;
}

/**
 * The one MWAA environment of log groups named `airflow-<Env>-<Type>`.
 *
 * @throws SessionError when there is none, or more than one
 */
export function sessionGroups(logGroups: Iterable<string>): SessionGroups {
  const present = new Set(logGroups);
  const environments = new Set<string>();
  const ignored: string[] = [];
  for (const logGroup of present) {
    const environment = environmentOfGroup(logGroup);
    if (environment) environments.add(environment);
    else ignored.push(logGroup);
  }
  const [mwaaEnvironment, ...others] = environments;
  if (mwaaEnvironment === undefined) {
    throw new SessionError(
      `no log group is named airflow-<Environment>-<Type>: found ${ignored.slice(0, 5).join(', ') || 'no events'}`,
    );
  }
  if (others.length > 0) {
    throw new SessionError(
      `the logs contain ${environments.size} MWAA environments (${[...environments].slice(0, 5).join(', ')}); only one can be replayed at a time${hintOf(environments)}`,
    );
  }
  const unknown = unknownTypeGroup(mwaaEnvironment);
  return {
    mwaaEnvironment,
    logGroups: logTypes
      .map((logType) => ({ logType, logGroup: logGroupName(mwaaEnvironment, logType) }))
      .filter(({ logGroup }) => present.has(logGroup)),
    ...(present.has(unknown) && { unknownTypeGroup: unknown }),
    ignored,
  };
}

/** Identifies the place of an event, in the same form for evidence and input. */
export function placeKey({
  logGroup,
  logStream,
  timestamp,
}: Pick<Evidence | LogEvent, 'logGroup' | 'logStream' | 'timestamp'>): string {
  return JSON.stringify([logGroup, logStream, new Date(timestamp).getTime()]);
}

/** The places at which there is an event. */
export async function placesIn(
  events: AsyncIterable<LogEvent>,
  places: ReadonlySet<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  if (places.size === 0) return found;
  for await (const event of events) {
    const key = placeKey(event);
    if (places.has(key)) found.add(key);
  }
  return found;
}
