import { EchoReader } from '../commands/echo-reader.ts';
import { echoedCommands } from '../commands/echoed-commands.ts';
import type { PrivilegeCommand } from '../commands/privilege-command.ts';
import { actionLogCommands, endpointCommands, restCommands } from '../commands/remote-commands.ts';
import { mayNameTable } from '../sql/metadata-sql.ts';
import {
  decodedOutputs,
  hasStrayColours,
  isJsonEvent,
  mask,
  readPythonList,
  textsOf,
  withoutColours,
} from '../text/log-text.ts';

/**
 * MWAA reads a service's standard output line by line in pieces of this size: a longer line arrives
 * as several events. CloudWatch Logs takes events of 256 kB, and watchtower, through which tasks
 * write, cuts there.
 */
const wholeEventBytes = 64_000;

const echo = 'Running command: ';

/**
 * `open`: something that the event opens is not closed. `long`: events this long are usually cut.
 */
export type Cut = 'open' | 'long';

/**
 * Whether the log may have cut an event off. The end of a long event proves nothing: its author
 * decides what comes before the cut. JSON that parses is whole, since the text in its strings is
 * escaped.
 *
 * @returns undefined for an event that is whole
 */
export function cutOf(message: string): Cut | undefined {
  if (isJsonEvent(message)) return isJson(message) ? undefined : 'open';
  if (endsInList(message)) return 'open';
  return Buffer.byteLength(message) >= wholeEventBytes ? 'long' : undefined;
}

function isJson(message: string): boolean {
  if (!message.trimEnd().endsWith('}')) return false;
  if (message.length < wholeEventBytes) return true;
  try {
    JSON.parse(message);
    return true;
  } catch {
    return false;
  }
}

function endsInList(message: string): boolean {
  const at = message.lastIndexOf(`${echo}[`);
  if (at < 0) return false;
  const start = at + echo.length;
  return (readPythonList(message, start)?.end ?? start + 1) >= message.trimEnd().length;
}

/**
 * Reads the echoed commands of an event that change Airflow's privileges: Airflow's and Flask's
 * command line, whatever runs it (`sudo`, `xargs`, `bash -c "…"`, a loop), and SQL on the metadata
 * tables.
 *
 * An echo is BashOperator's `Running command: […]`, the `Command '[…]' returned non-zero exit
 * status` of Python's subprocess, a line of `set -x`, or a statement that a database operator
 * announces. Calls for help, prose and texts that are only shown do not count.
 *
 * Every command is read, in time linear in the event's length. A text that is nested too deep
 * becomes one `unread` command; one that has the words of a command but cannot be read becomes a
 * command without a verb.
 *
 * @param texts those of the event (`textsOf`)
 */
export function readPrivilegeCommands(texts: readonly string[]): readonly PrivilegeCommand[] {
  const found = new Map<string, PrivilegeCommand>();
  const add = (command: PrivilegeCommand, prompted?: true) => {
    const key = JSON.stringify(command);
    if (prompted !== true) found.set(key, command);
    else if (!found.has(key)) found.set(key, { ...command, prompted });
  };
  for (const text of texts) {
    const remote = [...endpointCommands(text), ...actionLogCommands(text)];
    for (const echo of [...echoedCommands(text), ...remote]) {
      // A text that is only printed is read for SQL and nothing else.
      if (echo.printed !== undefined && !mayNameTable(echo.printed)) continue;
      for (const command of new EchoReader(echo).read()) add(command, echo.prompted);
    }
    for (const command of restCommands(text)) add(command);
  }
  return [...found.values()];
}

/** An event's message in the forms in which detections read it, each made once. */
export class EventText {
  readonly message: string;
  /** `2026-05-06T01:00:14.610844Z [info     ] text      [logger] loc=file.py:12` */
  readonly isStructlogLine: boolean;
  #texts: readonly string[] | undefined;
  #plain: string | undefined;
  #commands: readonly PrivilegeCommand[] | undefined;
  #namesAreCertain: boolean | undefined;
  #asCut: readonly string[] | undefined;
  #cut: { readonly found: Cut | undefined } | undefined;

  constructor(message: string) {
    this.message = message;
    this.isStructlogLine = /^\d{4}-\d\d-\d\dT\S{1,40} \[/.test(
      withoutColours(message.slice(0, 100)),
    );
  }

  /** Its texts, each one line or more, so that a name ends where its JSON string ends. */
  get plain(): string {
    this.#plain ??= this.all.join('\n');
    return this.#plain;
  }

  /** Whether a name in it is certain enough to lower the line's severity. */
  get namesAreCertain(): boolean {
    this.#namesAreCertain ??= !hasStrayColours(this.message) && this.all.every(holdsWholeLines);
    return this.#namesAreCertain;
  }

  /** Two detections need them, and reading the shell's words costs the most. */
  get commands(): readonly PrivilegeCommand[] {
    this.#commands ??= readPrivilegeCommands(this.asCut);
    return this.#commands;
  }

  /** {@link all}, with a mask where the log may have cut them off: anything may have followed. */
  get asCut(): readonly string[] {
    if (this.cut === undefined) return this.all;
    if (this.#asCut === undefined) {
      const texts = textsOf(this.message);
      const cut = [...texts.slice(0, -1), (texts.at(-1) ?? '') + mask];
      this.#asCut = [...cut, ...this.all.slice(texts.length)];
    }
    return this.#asCut;
  }

  /** Whether the log may have cut the event off. */
  get cut(): Cut | undefined {
    this.#cut ??= { found: cutOf(this.message) };
    return this.#cut.found;
  }

  /** The texts in it, including encoded ones. */
  get all(): readonly string[] {
    if (this.#texts === undefined) {
      const texts = textsOf(this.message);
      this.#texts = [...texts, ...decodedOutputs(texts)];
    }
    return this.#texts;
  }
}

/**
 * What the security manager writes when an application starts, from the timestamp on. It is longer
 * than the 64 characters of a role's name (`ab_role.name`), so no name contains it.
 */
const startRecord =
  /^\[\d{4}-\d\d-\d\dT[\d:.+-]{17,40}\] \{{1,2}(?:override|manager)\.py:\d+\}{1,2} INFO - (?:Inserted Role|Added Permission|Created Permission View)/;

/**
 * Whether each line of a text is a record, or the text has only one line: otherwise `Admin` at the
 * end of a line may be the beginning of a longer name.
 */
function holdsWholeLines(text: string): boolean {
  const [, ...further] = text.trimEnd().split('\n');
  return further.every((line) => startRecord.test(line));
}
