import { missingFiles, type NamedLine, type ReadReport, type SkippedFile } from './read-report.ts';

const listedBadLines = 10;
const listedRanges = 20;

/** Line numbers as plain data; of many ranges only the first are listed. */
interface ListedNumbers {
  readonly count: number;
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
}

/** Line numbers as ranges: a file of broken lines needs no more space than one line. */
class LineNumbers {
  count = 0;
  readonly #ranges: { first: number; last: number }[] = [];

  /** @param line greater than all numbers before */
  add(line: number): void {
    this.count += 1;
    const open = this.#ranges.at(-1);
    if (open && line === open.last + 1) open.last = line;
    else if (this.#ranges.length <= listedRanges) this.#ranges.push({ first: line, last: line });
  }

  /** Adds the numbers of further lines, all greater than those before. */
  append({ count, ranges }: ListedNumbers): void {
    const before = this.count;
    for (const { first, last } of ranges) {
      this.add(first);
      const open = this.#ranges.at(-1);
      if (open?.last === first) open.last = last;
    }
    this.count = before + count;
  }

  list(): ListedNumbers {
    return { count: this.count, ranges: this.#ranges };
  }

  /** For example `4, 7-9`; a long list is cut and ends in `…`. */
  toString(): string {
    const shown = this.#ranges
      .slice(0, listedRanges)
      .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    return [...shown, ...(this.#ranges.length > listedRanges ? ['…'] : [])].join(', ');
  }
}

interface ListedLines {
  readonly first: readonly NamedLine[];
  readonly more: readonly (readonly [file: string, numbers: ListedNumbers])[];
}

/** Lines with problems: the first ones in full, only the numbers of the rest. */
class NamedLines {
  count = 0;
  readonly first: NamedLine[] = [];
  readonly more = new Map<string, LineNumbers>();

  add(line: NamedLine): void {
    this.count += 1;
    if (this.first.length < listedBadLines) {
      this.first.push(line);
      return;
    }
    const numbers = this.more.get(line.file) ?? new LineNumbers();
    numbers.add(line.line);
    this.more.set(line.file, numbers);
  }

  append({ first, more }: ListedLines): void {
    for (const line of first) this.add(line);
    for (const [file, listed] of more) {
      const numbers = this.more.get(file) ?? new LineNumbers();
      numbers.append(listed);
      this.more.set(file, numbers);
      this.count += listed.count;
    }
  }

  list(): ListedLines {
    return {
      first: this.first,
      more: [...this.more].map(([file, numbers]) => [file, numbers.list()]),
    };
  }
}

/** A report as plain data, which another thread can send. */
export interface ListedReport {
  readonly files: number;
  readonly events: number;
  readonly formats: readonly (readonly [format: string, count: number])[];
  readonly bad: ListedLines;
  readonly doubts: ListedLines;
  readonly skipped: readonly SkippedFile[];
  readonly unknownTypes: readonly string[];
}

export class ReportBuilder implements ReadReport {
  files = 0;
  events = 0;
  /** Whether an event without a time got that of the one before it. */
  hasAssumedTimes = false;
  readonly formats = new Map<string, number>();
  readonly #bad = new NamedLines();
  readonly #doubts = new NamedLines();
  readonly skipped: SkippedFile[] = [];
  readonly unknownTypes: string[] = [];

  /** Adds a file of which events were read. */
  addFile(format: string): void {
    this.files += 1;
    this.formats.set(format, (this.formats.get(format) ?? 0) + 1);
  }

  /** Adds a line that was left out. */
  addBadLine(line: NamedLine): void {
    this.#bad.add(line);
  }

  /** Adds a line that was read with an assumption, or that looks wrong. */
  addDoubt(line: NamedLine): void {
    this.#doubts.add(line);
  }

  get badLineCount(): number {
    return this.#bad.count;
  }

  get badLines(): readonly NamedLine[] {
    return this.#bad.first;
  }

  get moreBadLines(): ReadonlyMap<string, LineNumbers> {
    return this.#bad.more;
  }

  get doubtCount(): number {
    return this.#doubts.count;
  }

  get doubts(): readonly NamedLine[] {
    return this.#doubts.first;
  }

  get moreDoubts(): ReadonlyMap<string, LineNumbers> {
    return this.#doubts.more;
  }

  get isComplete(): boolean {
    return this.badLineCount + this.doubtCount === 0 && missingFiles(this).length === 0;
  }

  list(): ListedReport {
    const { files, events, skipped, unknownTypes } = this;
    const lines = { bad: this.#bad.list(), doubts: this.#doubts.list() };
    return { files, events, formats: [...this.formats], ...lines, skipped, unknownTypes };
  }

  /** Adds the report on files that come after those before. */
  append({ files, events, formats, bad, doubts, skipped, unknownTypes }: ListedReport): void {
    this.files += files;
    this.events += events;
    for (const [format, count] of formats) {
      this.formats.set(format, (this.formats.get(format) ?? 0) + count);
    }
    this.#bad.append(bad);
    this.#doubts.append(doubts);
    this.skipped.push(...skipped);
    this.unknownTypes.push(...unknownTypes);
  }
}
