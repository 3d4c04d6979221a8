import type { HereDocument } from './here-document.ts';
import { emptyCommand, type OpenShellCommand, type OpenWord } from './open-shell-command.ts';
import { type Redirect, redirectOutput } from './shell-redirect.ts';

/** The command and the word that a substitution interrupts. */
export interface InterruptedCommand {
  readonly command: OpenShellCommand;
  readonly word: OpenWord | undefined;
}

const keywords = new Set([
  ...['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', 'esac', '{', '}', '!'],
  ...['time', 'function', 'coproc'],
]);

/** Puts words together into simple commands, as the reader tells where each of them ends. */
export class ShellCommandBuilder {
  /** Those that have ended, in the order of their ends. */
  readonly commands: OpenShellCommand[] = [];
  #command: OpenShellCommand = emptyCommand();
  #word: OpenWord | undefined;
  /** What the next word is, where it is no argument. */
  #redirect: Redirect | undefined;
  #announced: HereDocument[] = [];
  #pipeSource: OpenShellCommand | undefined;

  get isInWord(): boolean {
    return this.#word !== undefined;
  }

  /** Whether a redirection waits for the name of where it goes. */
  get awaitsGoal(): boolean {
    return this.#redirect !== undefined && this.#word === undefined;
  }

  /** @param dynamic when only the shell knows what the text becomes */
  append(text: string, dynamic = false): void {
    this.#word ??= { text: '', dynamic: false };
    this.#word.text += text;
    if (dynamic) this.#word.dynamic = true;
  }

  /** Takes back the number in `2>`, which is no argument; empty when none stands there. */
  takeDescriptor(): string {
    const before = this.#word?.text ?? '';
    const descriptor = /^[0-9&]$/.test(before) ? before : '';
    if (descriptor !== '') this.#word = undefined;
    return descriptor;
  }

  /** Says what the word to come is. */
  redirect(redirect: Redirect): void {
    this.#redirect = redirect;
  }

  endWord(): void {
    const word = this.#word;
    if (word === undefined) return;
    this.#word = undefined;
    const redirect = this.#redirect;
    this.#redirect = undefined;
    const command = this.#command;
    switch (redirect?.kind) {
      case undefined:
        addWord(command, word);
        break;
      case 'output':
        redirectOutput(command, redirect.descriptor, word.text);
        break;
      case 'here-string':
        command.input.push(word.text);
        break;
      case 'here-document': {
        const { stripsTabs } = redirect;
        this.#announced.push({ owner: command, delimiter: word.text, stripsTabs });
        break;
      }
    }
  }

  endCommand(): void {
    this.endWord();
    this.#redirect = undefined;
    const command = this.#command;
    if (command.words.length > 0) {
      if (this.#pipeSource !== undefined) this.#pipeSource.feeds = command;
      this.#pipeSource = undefined;
      this.commands.push(command);
    }
    this.#command = emptyCommand();
  }

  /** {@link endCommand}, where the next command reads what this one writes. */
  endPiped(): void {
    this.endWord();
    const source = this.#command;
    this.endCommand();
    this.#pipeSource = source;
  }

  /** {@link endCommand}, where the next command reads nothing of it, whatever stood before. */
  endUnpiped(): void {
    this.endCommand();
    this.#pipeSource = undefined;
  }

  /** The here-documents whose text comes next, each told once. */
  takeAnnounced(): readonly HereDocument[] {
    const announced = this.#announced;
    this.#announced = [];
    return announced;
  }

  /** Begins a substitution's commands inside the present word. */
  interrupt(): InterruptedCommand {
    const interrupted = { command: this.#command, word: this.#word };
    this.#command = emptyCommand();
    this.#word = undefined;
    return interrupted;
  }

  /** Ends the substitution's last command, and goes on with what it interrupted. */
  resume({ command, word }: InterruptedCommand): void {
    this.endCommand();
    this.#command = command;
    this.#word = word;
  }
}

function addWord({ words }: OpenShellCommand, word: OpenWord): void {
  const isFirst = words.length === 0;
  if (isFirst && !word.dynamic && keywords.has(word.text)) return;
  if (isFirst && /^[A-Za-z_]\w*\+?=/.test(word.text)) return;
  words.push(word);
}
