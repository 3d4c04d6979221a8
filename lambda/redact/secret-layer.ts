import { CredentialUrls } from './credential-url.ts';
import { HttpClients } from './http-clients.ts';
import { QuoteCloser } from './quoted-text.ts';
import type { ScriptWord } from './read-script.ts';
import type { TextRange } from './span.ts';
import type { SqlParameters } from './sql-parameters.ts';
import { type TextView, viewWithoutColours } from './text-view.ts';
import type { Travels } from './travels.ts';

/** What all layers of one text find. */
export interface Findings {
  readonly ranges: TextRange[];
  /** Where secrets of the text come from. */
  readonly travels: Travels;
  /** The last statement of SQL whose parameters hold secrets. */
  statement?: SqlParameters | undefined;
}

const noSecret = /^(?:null|None|true|True|false|False|\*{1,20})$/;

/** One layer of quoting: its text, and what is remembered so that it is read once only. */
export class SecretLayer {
  readonly view: TextView;
  readonly text: string;
  readonly depth: number;
  readonly findings: Findings;
  readonly closer: QuoteCloser;
  readonly urls: CredentialUrls;
  readonly httpClients: HttpClients;
  /** As far as this position a field `value` is of a field that names a secret. */
  secretValueUntil = -1;
  /** Statements of SQL in it whose parameters hold secrets. */
  statements: readonly SqlParameters[] = [];
  /** Where the last parameters end that were read. */
  parametersEnd = -1;
  /** The list of quoted texts that is being read, and where its last one ends. */
  list: ScriptWord[] = [];
  listEnd = -1;
  /** Whether no further command that failed is quoted in it. */
  hasNoFailedCommand = false;

  constructor(view: TextView, depth: number, findings: Findings) {
    this.view = viewWithoutColours(view);
    this.text = this.view.text;
    this.depth = depth;
    this.findings = findings;
    this.closer = new QuoteCloser(this.text);
    this.urls = new CredentialUrls(this.text);
    this.httpClients = new HttpClients(this.text);
  }

  /** Where a sticky pattern ends that matches at `from`; undefined when it does not. */
  matched(pattern: RegExp, from: number): number | undefined {
    pattern.lastIndex = from;
    return pattern.test(this.text) ? pattern.lastIndex : undefined;
  }

  /**
   * Takes a part of the text for a secret, if it is not the word for none.
   *
   * @returns `end`: where to read on
   */
  take(from: number, to: number, end = to): number {
    const mayBeNone = to - from <= 20 && 'nNtTfF*'.includes(this.text[from] ?? ' ');
    if (!mayBeNone || !noSecret.test(this.text.slice(from, to))) {
      this.findings.travels.addReferences(this.text.slice(from, to));
      this.mark(this.view.at(from), this.view.at(to));
    }
    return end;
  }

  /** {@link take} of a text that was made of this layer's, from `from` on. */
  takeView(view: TextView, from = 0, to = view.text.length): void {
    if (!noSecret.test(view.text.slice(from, Math.min(to, from + 21)))) {
      this.findings.travels.addReferences(view.text.slice(from, to));
      this.mark(view.at(from), view.at(to));
    }
  }

  /** {@link take}, as far as a sticky pattern matches. */
  takeMatched(pattern: RegExp, from: number): number {
    return this.take(from, this.matched(pattern, from) ?? from);
  }

  /** Marks a secret by its place in the text that everything began with. */
  mark(start: number, end: number): void {
    if (end > start) this.findings.ranges.push({ start, end });
  }
}
