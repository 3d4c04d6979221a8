import type { LogLine, StoredLine } from '../log-line.ts';

/** Why StartQuery is refused. */
export type Denial = 'denied' | 'key-unreadable';

/** What CloudWatch Logs knows of a log group, and MWAA of its log type. */
export interface GroupFacts {
  exists: boolean;
  createdEpochMs: number;
  retentionDays: number | undefined;
  denial: Denial | undefined;
  enabled: boolean;
  logLevel: 'INFO' | 'WARNING';
  /** Whether anything besides the schedule's lines arrives. */
  busy: boolean;
}

/** A log group with its lines, in the order of their times. */
export class SimulatedLogGroup {
  readonly name: string;
  readonly facts: GroupFacts;
  #lines: StoredLine[] = [];
  /** Spans in which only the schedule's lines arrived; the last one may be open. */
  readonly #quiet: { readonly fromEpochMs: number; toEpochMs: number }[] = [];

  constructor(name: string, facts: GroupFacts) {
    this.name = name;
    this.facts = facts;
  }

  /** Nothing is written where the group does not exist or MWAA does not log. */
  write(line: LogLine): StoredLine | undefined {
    const { exists, enabled, logLevel } = this.facts;
    if (!exists || !enabled || logLevel !== 'INFO') return undefined;
    const stored = { ...line, removed: false };
    let at = this.#lines.length;
    while (at > 0 && (this.#lines[at - 1]?.epochMs ?? 0) > line.epochMs) at -= 1;
    this.#lines.splice(at, 0, stored);
    return stored;
  }

  /** Sets whether other events arrive from now on. */
  setBusy(epochMs: number, isBusy: boolean): void {
    const last = this.#quiet.at(-1);
    const isQuiet = last !== undefined && last.toEpochMs === Number.POSITIVE_INFINITY;
    if (isBusy && isQuiet) last.toEpochMs = epochMs;
    if (!isBusy && !isQuiet) {
      this.#quiet.push({ fromEpochMs: epochMs, toEpochMs: Number.POSITIVE_INFINITY });
    }
  }

  /** How much of a span was busy, in milliseconds. */
  busyMs(fromEpochMs: number, toEpochMs: number): number {
    return this.#quiet.reduce((busyMs, quiet) => {
      const from = Math.max(fromEpochMs, quiet.fromEpochMs);
      const to = Math.min(toEpochMs, quiet.toEpochMs);
      return busyMs - Math.max(0, to - from);
    }, toEpochMs - fromEpochMs);
  }

  /** Removes all lines. */
  empty(): number {
    for (const line of this.#lines) line.removed = true;
    const { length } = this.#lines;
    this.#lines = [];
    return length;
  }

  /**
   * The lines of a span that a query can find at a moment; both ends are included, in milliseconds.
   */
  visibleLines(fromEpochMs: number, toEpochMs: number, nowEpochMs: number): StoredLine[] {
    const { createdEpochMs, retentionDays } = this.facts;
    const keptMs = retentionDays === undefined ? 0 : nowEpochMs - retentionDays * 86_400_000;
    const firstMs = Math.max(fromEpochMs, createdEpochMs, keptMs);
    const found: StoredLine[] = [];
    for (const line of this.#lines) {
      if (line.epochMs > toEpochMs) break;
      if (line.epochMs >= firstMs && line.visibleEpochMs <= nowEpochMs) found.push(line);
    }
    return found;
  }

  /** Lines that CloudWatch Logs received within a span; the end is excluded. */
  incoming(fromEpochMs: number, toEpochMs: number): number {
    return this.#lines.filter(
      ({ ingestedEpochMs }) => ingestedEpochMs >= fromEpochMs && ingestedEpochMs < toEpochMs,
    ).length;
  }
}
