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
  /** Whether anything but what the schedule wrote comes in. */
  busy: boolean;
}

/** A log group with its lines, in the order of their times. */
export class SimulatedLogGroup {
  readonly name: string;
  readonly facts: GroupFacts;
  #lines: StoredLine[] = [];
  /** Spans in which nothing but what the schedule wrote came in; the last one may go on. */
  readonly #quiet: { readonly fromEpochMs: number; toEpochMs: number }[] = [];

  constructor(name: string, facts: GroupFacts) {
    this.name = name;
    this.facts = facts;
  }

  /** Nothing is written where there is no group, or MWAA writes nothing. */
  write(line: LogLine): StoredLine | undefined {
    const { exists, enabled, logLevel } = this.facts;
    if (!exists || !enabled || logLevel !== 'INFO') return undefined;
    const stored = { ...line, removed: false };
    let at = this.#lines.length;
    while (at > 0 && (this.#lines[at - 1]?.epochMs ?? 0) > line.epochMs) at -= 1;
    this.#lines.splice(at, 0, stored);
    return stored;
  }

  /** Says from when on anything else comes in, or nothing does. */
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

  /** Takes all lines away. */
  empty(): number {
    for (const line of this.#lines) line.removed = true;
    const { length } = this.#lines;
    this.#lines = [];
    return length;
  }

  /** The lines of a span that can be found at a moment: both ends included, in milliseconds. */
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

  /** Lines that CloudWatch Logs took in within a span, the end not included. */
  incoming(fromEpochMs: number, toEpochMs: number): number {
    return this.#lines.filter(
      ({ ingestedEpochMs }) => ingestedEpochMs >= fromEpochMs && ingestedEpochMs < toEpochMs,
    ).length;
  }
}
