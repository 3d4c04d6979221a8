import type { SkippedTick, TickReport } from '../../../lambda/tick/tick-report.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { SimulatedQuery } from '../services/insights.ts';

export type InvocationEnd =
  | { readonly kind: 'returned'; readonly report: TickReport | SkippedTick }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'killed' };

/**
 * What the services told a container, so that the invariants can judge what it says. It outlives an
 * invocation, because work one left unfinished continues in the next.
 */
export class ContainerMemory {
  /** Groups that MWAA reports as written at INFO; undefined until it answers in this invocation. */
  written: ReadonlySet<string> | undefined;
  /** Groups that CloudWatch Logs lists; undefined until then as well. */
  existing: ReadonlySet<string> | undefined;
  /** Groups for which StartQuery was refused in this invocation. */
  readonly refused = new Set<string>();
  readonly queries: SimulatedQuery[] = [];

  begin(): void {
    this.written = undefined;
    this.existing = undefined;
    this.refused.clear();
  }
}

/** One invocation of the handler. Once killed, nothing it does has any effect. */
export class Invocation {
  readonly id: number;
  /** The tick of its event. */
  readonly tickEpochMs: number;
  /** Its place among the delivered ticks. */
  readonly tick: number;
  readonly startedEpochMs: number;
  readonly timeoutMs: number;
  /** Its tick is far in the future. */
  readonly isFromTheFuture: boolean;
  readonly random: SeededRandom;
  /** What the services told its container. */
  readonly memory: ContainerMemory;
  /** Log groups whose scan position it moved. */
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
