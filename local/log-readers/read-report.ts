/** A line that was left out. */
export interface BadLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The field and the rule that it breaks. */
  readonly reason: string;
}

/** A file that was not read, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** What came of reading logs; grows while they are read. */
export interface ReadReport {
  /** Files that events were taken from. */
  readonly files: number;
  readonly events: number;
  /** All lines that were left out. */
  readonly badLineCount: number;
  /** The first of them. */
  readonly badLines: readonly BadLine[];
  /** The numbers of the others, file by file. */
  readonly moreBadLines: ReadonlyMap<string, LineNumbers>;
  readonly skipped: readonly SkippedFile[];
  /** Sentences on what had to be assumed. */
  readonly warnings: readonly string[];
}

const listedBadLines = 10;
const listedRanges = 20;

/** Numbers of lines as ranges: a file that is broken throughout takes no more room than one line. */
export class LineNumbers {
  count = 0;
  readonly #ranges: { first: number; last: number }[] = [];

  /** @param line greater than all before */
  add(line: number): void {
    this.count += 1;
    const open = this.#ranges.at(-1);
    if (open && line === open.last + 1) open.last = line;
    else if (this.#ranges.length <= listedRanges) this.#ranges.push({ first: line, last: line });
  }

  /** `4, 7-9`; what is too much for a line of text ends in `…`. */
  toString(): string {
    const shown = this.#ranges
      .slice(0, listedRanges)
      .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    return [...shown, ...(this.#ranges.length > listedRanges ? ['…'] : [])].join(', ');
  }
}

export class ReportBuilder implements ReadReport {
  files = 0;
  events = 0;
  badLineCount = 0;
  readonly badLines: BadLine[] = [];
  readonly moreBadLines = new Map<string, LineNumbers>();
  readonly skipped: SkippedFile[] = [];
  readonly #warnings = new Set<string>();

  addBadLine(badLine: BadLine): void {
    this.badLineCount += 1;
    if (this.badLines.length < listedBadLines) {
      this.badLines.push(badLine);
      return;
    }
    const numbers = this.moreBadLines.get(badLine.file) ?? new LineNumbers();
    numbers.add(badLine.line);
    this.moreBadLines.set(badLine.file, numbers);
  }

  addWarning(sentence: string): void {
    this.#warnings.add(sentence);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }
}

/** The report's problems as lines for a terminal; none when everything was read. */
export function describeProblems(report: ReadReport): string[] {
  return [
    ...report.badLines.map(({ file, line, reason }) => `${file}:${line}: left out: ${reason}`),
    ...[...report.moreBadLines].map(
      ([file, numbers]) =>
        `${file}: ${numbers.count} more ${numbers.count === 1 ? 'line was' : 'lines were'} left out: ${numbers}`,
    ),
    ...report.skipped.map(({ file, reason }) => `${file}: not read: ${reason}`),
    ...report.warnings,
  ];
}
