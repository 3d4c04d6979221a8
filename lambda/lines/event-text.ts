import type { PrivilegeCommand } from '../commands/privilege-command.ts';
import { decodedOutputs } from '../text/encoded-output.ts';
import { hasStrayColours, textsOf, withoutColours } from '../text/log-text.ts';
import { mask } from '../text/masked-text.ts';
import { type Cut, cutOf } from './cut-event.ts';
import { readPrivilegeCommands } from './read-commands.ts';

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
