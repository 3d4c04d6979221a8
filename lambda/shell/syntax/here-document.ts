import type { Redirection, ShellPart, SyntaxWord } from './shell-syntax.ts';
import type { ShellText } from './shell-text.ts';

/** A here-document whose `<<` was read; its text begins on the next line. */
export interface HereDocument {
  /** Its target becomes the text. */
  readonly redirection: Redirection;
  readonly delimiter: string;
  /** The delimiter is quoted, so that the shell expands nothing in the text. */
  readonly quoted: boolean;
  /** `<<-`: tabs at the beginning of a line are removed. */
  readonly stripsTabs: boolean;
}

/**
 * The here-document that a `<<` announces.
 *
 * @param word its delimiter, which is not expanded; quotes in it keep the text from being expanded
 */
export function announcedDocument(
  redirection: Redirection,
  word: SyntaxWord,
  stripsTabs: boolean,
): HereDocument {
  return {
    redirection,
    delimiter: word.map(writtenText).join(''),
    quoted: word.some((part) => part.kind === 'text' && part.quoted),
    stripsTabs,
  };
}

/** A part as it is written, without its quotes. */
function writtenText(part: ShellPart): string {
  if (part.kind === 'text') return part.text;
  return part.kind === 'variable' ? `$${part.name}` : '$';
}

/** Reads the text up to the line of the delimiter, and steps over that line. */
export function hereDocumentText(text: ShellText, { delimiter, stripsTabs }: HereDocument): string {
  const lines: string[] = [];
  while (!text.done) {
    const written = text.past('\n');
    const line = stripsTabs ? written.replace(/^\t+/, '') : written;
    if (line === delimiter || line === `${delimiter}\r`) break;
    lines.push(line);
  }
  return lines.join('\n');
}
