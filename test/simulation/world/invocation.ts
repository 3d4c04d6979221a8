import type { SkippedTick, TickReport } from '../../../lambda/tick-report.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { SimulatedQuery } from '../services/insights.ts';

export type InvocationEnd =
  | { readonly kind: 'returned'; readonly report: TickReport | SkippedTick }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'killed' };

/**
 * What the services told a container, for those who judge what it says. It outlives an invocation:
 * what one left unfinished goes on in the next.
 */
export class ContainerMemory {
  /** Groups that MWAA said are written at INFO; undefined while it said nothing in this invocation. */
  written: ReadonlySet<string> | undefined;
  /** Groups that CloudWatch Logs said are there, likewise. */
  existing: ReadonlySet<string> | undefined;
  /** Groups for which StartQuery was refused, likewise. */
  readonly refused = new Set<string>();
  readonly queries: SimulatedQuery[] = [];

  begin(): void {
    this.written = undefined;
    this.existing = undefined;
    this.refused.clear();
  }
}

/** One run of the handler. Once it is killed, nothing that it does has any effect. */
export class Invocation {
  readonly id: number;
  /** Of the event that it was given. */
  readonly tickEpochMs: number;
  /** Its place among the delivered ticks. */
  readonly tick: number;
  readonly startedEpochMs: number;
  readonly timeoutMs: number;
  /** Its event stands for a tick that no clock will show for long. */
  readonly isFromTheFuture: boolean;
  readonly random: SeededRandom;
  /** What its container was told. */
  readonly memory: ContainerMemory;
  /** Log groups whose scan it moved on. */
  readonly moved = new Set<string>();
  end: InvocationEnd | undefined;

  constructor(about: {
    readonly id: number;
    readonly tickEpochMs: number;
    readonly tick: number;
    readonly startedEpochMs: number;
    readonly timeoutMs: number;
    readonly isFromTheFuture: boolean;
    readonly seed: number;
    readonly memory: ContainerMemory;
  }) {
    this.id = about.id;
    this.tickEpochMs = about.tickEpochMs;
    this.tick = about.tick;
    this.startedEpochMs = about.startedEpochMs;
    this.timeoutMs = about.timeoutMs;
    this.isFromTheFuture = about.isFromTheFuture;
    this.memory = about.memory;
    this.random = new SeededRandom(about.seed, 'invocation', about.id);
  }

  get isKilled(): boolean {
    return this.end?.kind === 'killed';
  }
}
