import * as z from 'zod/mini';
import { readAirflowCommand } from '../commands/airflow-command.ts';
import { cutText } from '../common/text.ts';
import { dayMs } from '../common/time.ts';
import type { AuditCommand, AuditRow } from '../model/airflow-state.ts';
import { redactSecrets } from '../redact/redact.ts';
import { readPythonList } from '../text/log-text.ts';

/** A row as `/eventLogs` returns it, of Airflow 2 and 3: the fields that are read. */
export const eventLogSchema = z.object({
  event_log_id: z.int().check(z.minimum(0)),
  event: z.nullish(z.string()),
  when: z.nullish(z.string()),
  owner: z.nullish(z.string()),
  extra: z.nullish(z.string()),
});

export type EventLog = z.infer<typeof eventLogSchema>;

/** Events that Airflow's own wrapper writes for the commands that change users and roles. */
const privilegeEvent = /^cli_(users?_|roles?_|sync_perm|permissions_)/;

const extraSchema = z.object({
  full_command: z.optional(z.string()),
  host_name: z.optional(z.string()),
});

const commandCharactersMax = 1_000;
const nameCharactersMax = 256;
/** No command line of Linux is longer; whoever writes the table can store any text. */
const textCharactersMax = 128 * 1024;
/** What a row names. One that names more is one of an unknown command, and shows how its text begins. */
const namesCharactersMax = 2_000;
/** The witness reads no row as older: a time before that was written by somebody else than Airflow. */
const oldestDays = 30;

/** The time of a row, in epoch milliseconds; undefined if it has none. */
export function timeOfRow({ when }: EventLog): number | undefined {
  const epochMs = Date.parse(when ?? '');
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/**
 * What a row says about a command that changes privileges. Rows of other commands, of tasks and of requests
 * say nothing, whatever texts they repeat.
 *
 * @returns undefined if it is no such row. One that names such a command and cannot be read is one of an
 *   unknown command
 */
export function readAuditRow(row: EventLog, readEpochMs: number): AuditRow | undefined {
  const event = row.event ?? '';
  if (!event.startsWith('cli_')) return undefined;
  const { full_command: text, host_name: host } = extraOf(row.extra);
  const isReadable = text !== undefined && text.length <= textCharactersMax;
  const argv = isReadable ? readPythonList(text, 0)?.items : undefined;
  const commands = argv === undefined ? [] : commandsOf(argv);
  if (commands.length === 0) {
    if (!privilegeEvent.test(event) || argv?.some(asksForHelp)) return undefined;
    commands.push({});
  }
  return {
    id: row.event_log_id,
    event: cutText(event, nameCharactersMax),
    // Nobody can have written it after it was read: a row of the future would never be judged.
    whenEpochMs: Math.max(
      readEpochMs - oldestDays * dayMs,
      Math.min(readEpochMs, timeOfRow(row) ?? readEpochMs),
    ),
    ...(row.owner && { owner: cutText(row.owner, nameCharactersMax) }),
    ...(host && { host: cutText(host, nameCharactersMax) }),
    command: cutText(
      redactSecrets(cutText(shown(argv, text), textCharactersMax)),
      commandCharactersMax,
    ),
    commands,
    readEpochMs,
  };
}

function asksForHelp(word: string): boolean {
  return word === '-h' || word === '--help';
}

function extraOf(extra: string | null | undefined): z.infer<typeof extraSchema> {
  try {
    return extraSchema.safeParse(JSON.parse(extra ?? '')).data ?? {};
  } catch {
    return {};
  }
}

function commandsOf(argv: readonly string[]): AuditCommand[] {
  const words = argv.map((text) => ({ text, dynamic: false }));
  const commands = (readAirflowCommand(words, false) ?? []).map(
    ({ verb, target, role, roles }): AuditCommand => ({
      ...(verb && { verb }),
      ...(target && { target: safeName(target) }),
      ...(role && { role: safeName(role) }),
      ...(roles && roles.length > 0 && { roles: roles.map(safeName) }),
    }),
  );
  return JSON.stringify(commands).length > namesCharactersMax ? [{}] : commands;
}

function safeName(name: string): string {
  return cutText(redactSecrets(name), nameCharactersMax);
}

/** `airflow users add-role -u bob -r Op`: without the folder of the program. */
function shown(argv: readonly string[] | undefined, text = ''): string {
  if (argv === undefined) return text;
  const [program = '', ...rest] = argv;
  return [program.slice(program.lastIndexOf('/') + 1), ...rest].join(' ');
}
