import type { OpenShellCommand } from './open-shell-command.ts';
import type { ShellText } from './shell-text.ts';

/** A here-document that was announced; its text begins on the next line. */
export interface HereDocument {
  readonly owner: OpenShellCommand;
  readonly delimiter: string;
  /** `<<-`: tabs may stand before the delimiter. */
  readonly stripsTabs: boolean;
}

/** Gives the text up to the line of the delimiter to the command that announced it. */
export function readHereDocument(
  text: ShellText,
  { owner, delimiter, stripsTabs }: HereDocument,
): void {
  const lines: string[] = [];
  while (!text.done) {
    const line = text.past('\n');
    if ((stripsTabs ? line.replace(/^\t+/, '') : line).trimEnd() === delimiter) break;
    lines.push(line);
  }
  owner.input.push(lines.join('\n'));
}
