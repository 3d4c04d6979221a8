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
  readonly skipped: readonly SkippedFile[];
  /** Sentences on what had to be assumed. */
  readonly warnings: readonly string[];
}

const listedBadLines = 10;

export class ReportBuilder implements ReadReport {
  files = 0;
  events = 0;
  badLineCount = 0;
  readonly badLines: BadLine[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly #warnings = new Set<string>();

  addBadLine(badLine: BadLine): void {
    this.badLineCount += 1;
    if (this.badLines.length < listedBadLines) this.badLines.push(badLine);
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
  const unlisted = report.badLineCount - report.badLines.length;
  return [
    ...report.badLines.map(({ file, line, reason }) => `${file}:${line}: left out: ${reason}`),
    ...(unlisted > 0 ? [`and ${unlisted} more lines were left out`] : []),
    ...report.skipped.map(({ file, reason }) => `${file}: not read: ${reason}`),
    ...report.warnings,
  ];
}
