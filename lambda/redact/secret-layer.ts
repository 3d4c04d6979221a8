import { CredentialUrls, HttpClients } from './known/credential-url.ts';
import type { ScriptWord } from './read-script.ts';
import {
  QuoteCloser,
  type TextRange,
  type TextView,
  viewWithoutColours,
} from './text/text-view.ts';
import type { Travels } from './travels.ts';

/** What the layers of one text have found. */
export interface Findings {
  readonly ranges: TextRange[];
  /** Where secrets of the text come from. */
  readonly travels: Travels;
  /** The last statement of SQL whose parameters hold secrets. */
  statement?: SqlParameters | undefined;
}

const noSecret = /^(?:null|None|true|True|false|False|\*{1,20})$/;

/** One layer of quoting: its text, and what is remembered so that the text is read only once. */
export class SecretLayer {
  readonly view: TextView;
  readonly text: string;
  readonly depth: number;
  readonly findings: Findings;
  readonly closer: QuoteCloser;
  readonly urls: CredentialUrls;
  readonly httpClients: HttpClients;
  /** Up to this position, a field `value` belongs to a field that names a secret. */
  secretValueUntil = -1;
  /** Its SQL statements whose parameters hold secrets. */
  statements: readonly SqlParameters[] = [];
  /** Where the last parameters that were read end. */
  parametersEnd = -1;
  /** The list of quoted texts that is being read; where its last one ends, -1 for none. */
  list: ScriptWord[] = [];
  listEnd = -1;
  /** Whether the text is known to quote no further failed command. */
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

  /** Where a sticky pattern's match at `from` ends; undefined if it does not match. */
  matched(pattern: RegExp, from: number): number | undefined {
    pattern.lastIndex = from;
    return pattern.test(this.text) ? pattern.lastIndex : undefined;
  }

  /**
   * Takes a part of the text as a secret, unless it is `null`, a boolean or a mask.
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

  /** {@link take} for a part of a view that was derived from this layer. */
  takeView(view: TextView, from = 0, to = view.text.length): void {
    if (!noSecret.test(view.text.slice(from, Math.min(to, from + 21)))) {
      this.findings.travels.addReferences(view.text.slice(from, to));
      this.mark(view.at(from), view.at(to));
    }
  }

  /** {@link take} for what a sticky pattern matches. */
  takeMatched(pattern: RegExp, from: number): number {
    return this.take(from, this.matched(pattern, from) ?? from);
  }

  /** Adds a secret by its range in the original text. */
  mark(start: number, end: number): void {
    if (end > start) this.findings.ranges.push({ start, end });
  }
}

/** Which parameters of a statement are secrets. */
export interface SqlParameters {
  /** Their positions, from 0. */
  readonly secrets: ReadonlySet<number>;
  /** Index in the layer of the first of the statement's secret placeholders. */
  readonly at: number;
}
