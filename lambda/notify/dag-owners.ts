import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describeError } from '../common/log.ts';
import type { Deadline } from '../common/time.ts';
import { logTypeOf } from '../model/actor.ts';
import type { Evidence, Finding } from '../model/finding.ts';
import type { TickShell } from '../record/tick-context.ts';
import { redactSecrets } from '../redact/redact.ts';
import { mask } from '../text/log-text.ts';

/** Streams whose owners one tick asks for; the mails about others say nothing of an owner. */
const streamsMax = 10;
/** How long single notifications wait for owners at most. */
const waitMaxMs = 2_000;
/** With less time than this, nobody is asked. */
const waitMinMs = 250;
/** Airflow writes the line before the task's own code runs, after what the DAG's file prints. */
const eventsMax = 50;
const ownersMax = 3;
const ownerCharactersMax = 200;

/**
 * Who owns a DAG, as the lines at the beginning of a task's log say: Airflow 2 writes
 * `Exporting env vars: AIRFLOW_CTX_DAG_OWNER='data' AIRFLOW_CTX_DAG_ID='hr_sync' …`, and up to 2.6 a line for
 * each variable, without quotes. Airflow 3 writes it at level DEBUG only.
 *
 * The DAG's author chooses the owner, and could print such a line, too: all owners that the lines name for this
 * DAG are listed, at most three.
 *
 * @param messages the first events of the log stream
 * @returns owners as they are written, without those that hold a secret or what Airflow masked
 */
export function dagOwnersIn(messages: readonly string[], dag: string): readonly string[] {
  const owners = new Set<string>();
  for (const message of messages) {
    if (variableIn('AIRFLOW_CTX_DAG_ID', message) !== dag) continue;
    const owner = variableIn('AIRFLOW_CTX_DAG_OWNER', message)?.trim();
    if (owner === undefined || owner === '' || owner.length > ownerCharactersMax) continue;
    if (owner.includes(mask) || redactSecrets(owner) !== owner) continue;
    owners.add(owner);
  }
  return [...owners].slice(0, ownersMax);
}

/** The first value of a variable: in quotes, or up to the end of its line. */
function variableIn(variable: string, message: string): string | undefined {
  const start = message.indexOf(`${variable}=`);
  if (start < 0) return undefined;
  const value = message.slice(start + variable.length + 1);
  const quote = value[0];
  if (quote === "'" || quote === '"') {
    const end = value.indexOf(quote, 1);
    return end < 0 ? undefined : value.slice(1, end);
  }
  return value.split('\n', 1)[0];
}

/** Owners by the id of the finding. */
type OwnersById = ReadonlyMap<string, readonly string[]>;

/**
 * Asks for the owners of the DAGs that findings name: one GetLogEvents for each log stream.
 *
 * It never fails and never waits for long: a mail without an owner is better than a late one. No call is
 * repeated.
 */
export async function readDagOwners(
  shell: Pick<TickShell, 'logs' | 'log'>,
  findings: readonly Finding[],
  within: Deadline,
): Promise<OwnersById> {
  const owners = new Map<string, readonly string[]>();
  const timeoutMs = Math.floor(Math.min(waitMaxMs, within.remainingMs() / 4));
  if (timeoutMs < waitMinMs) return owners;
  const streams = Map.groupBy(findings.filter(isOfTask), streamKey);
  const asked = [...streams.values()].slice(0, streamsMax);
  await Promise.all(
    asked.map(async (ofStream) => {
      const messages = await firstMessages(shell, ofStream[0]?.evidence[0], timeoutMs);
      for (const { id, actor } of ofStream) {
        const ofDag = dagOwnersIn(messages, actor.dag ?? '');
        if (ofDag.length > 0) owners.set(id, ofDag);
      }
    }),
  );
  return owners;
}

function isOfTask({ actor, evidence }: Finding): boolean {
  return actor.dag !== undefined && logTypeOf(evidence[0]?.logGroup ?? '') === 'Task';
}

function streamKey({ evidence }: Finding): string {
  return `${evidence[0]?.logGroup} ${evidence[0]?.logStream}`;
}

/** @returns nothing if they cannot be read in time */
async function firstMessages(
  { logs, log }: Pick<TickShell, 'logs' | 'log'>,
  place: Pick<Evidence, 'logGroup' | 'logStream'> | undefined,
  timeoutMs: number,
): Promise<string[]> {
  if (place === undefined) return [];
  const { logGroup: logGroupName, logStream: logStreamName } = place;
  const input = { logGroupName, logStreamName, startFromHead: true, limit: eventsMax };
  try {
    const { events = [] } = await logs.send(new GetLogEventsCommand(input), {
      requestTimeout: timeoutMs,
      // Covers the time to connect as well.
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
    return events.flatMap(({ message }) => message ?? []);
  } catch (error) {
    log('warn', 'dag-owner-not-read', { logGroupName, logStreamName, error: describeError(error) });
    return [];
  }
}
