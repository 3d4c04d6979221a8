import { describeErrors } from '../common/log.ts';
import { iso } from '../common/time.ts';
import type { SliceRecord } from '../ledger/marks.ts';
import type { TickHealth, TickTotals } from '../metrics/tick-totals.ts';
import type { BlindCause } from '../model/coverage.ts';
import type { Lane } from '../model/windows.ts';
import type { Delivered } from '../notify/deliver-findings.ts';
import type { RuntimeConfig, SideDestination } from '../plan/runtime-config.ts';

/** What the invocation returns. Times are ISO 8601 in UTC. */
export interface TickReport {
  readonly environment: string;
  readonly tick: string;
  readonly logGroups: readonly LogGroupReport[];
  /** What this invocation read, in this order. */
  readonly slices: readonly SliceReport[];
  readonly scanCompleted: boolean;
  readonly bytesScanned: number;
  /** How far the documented query lags behind the tick in the readable groups. */
  readonly documentedLagSeconds?: number;
  /** Likewise the pack of detections; absent without a pack. */
  readonly scanLagSeconds?: number;
  /** Privilege changes in lines that arrived late, found by a sweep, that count in this tick. */
  readonly lateChanges: number;
  /** Findings that people were notified of in this tick. */
  readonly notified: number;
  /** Findings that other destinations took in this tick; absent without any. */
  readonly sentBeside?: Readonly<Partial<Record<SideDestination, number>>>;
  /** Findings that are due and not yet notified, once for each destination. */
  readonly undelivered: number;
  /** Publishes whose outcome is unknown. */
  readonly unknownPublishes: number;
}

/** A tick that was not run. */
export interface SkippedTick {
  readonly environment: string;
  readonly tick: string;
  /** A later tick has already run, or another invocation holds the lease. */
  readonly skipped: 'old-tick' | 'busy';
}

interface LogGroupReport {
  readonly logGroup: string;
  readonly covered: boolean;
  readonly blind?: { readonly cause: BlindCause; readonly detail: string };
  /** Likewise, for a log type that may be off. */
  readonly off?: { readonly cause: BlindCause; readonly detail: string };
  /** The published number; absent when unknown. */
  readonly matches?: number;
  /** Likewise, the number of findings. */
  readonly privilegeChanges?: number;
}

interface SliceReport {
  /** `documented`: the documented query; all others: the pack. */
  readonly lane: Lane;
  readonly logGroup: string;
  /** Half-open. */
  readonly start: string;
  readonly end: string;
  readonly outcome: SliceRecord['outcome'];
}

export function tickReport(
  { mwaaEnvironment }: Pick<RuntimeConfig, 'mwaaEnvironment'>,
  work: {
    readonly health: TickHealth;
    readonly totals: TickTotals | undefined;
    readonly delivered: Delivered | undefined;
    readonly sentBeside: Readonly<Partial<Record<SideDestination, number>>>;
    readonly slices: readonly SliceRecord[];
  },
): TickReport {
  const { health, totals, delivered, sentBeside, slices } = work;
  const { scanCompleted, bytesScanned, documentedLagSeconds, scanLagSeconds } = health;
  return {
    environment: mwaaEnvironment,
    tick: iso(health.tickEpochMs),
    logGroups: health.coverage.map(({ logGroup, blind, off }) => {
      const matches = totals?.addRoleMatches.get(logGroup);
      const privilegeChanges = totals?.privilegeChanges.get(logGroup);
      return {
        logGroup,
        covered: (blind ?? off) === undefined,
        ...(blind !== undefined && { blind }),
        ...(off !== undefined && { off }),
        ...(matches !== undefined && { matches }),
        ...(privilegeChanges !== undefined && { privilegeChanges }),
      };
    }),
    slices: slices.map(({ lane, logGroup, startEpochMs, endEpochMs, outcome }) => ({
      ...{ lane, logGroup, start: iso(startEpochMs), end: iso(endEpochMs), outcome },
    })),
    scanCompleted,
    bytesScanned,
    ...(documentedLagSeconds !== undefined && { documentedLagSeconds }),
    ...(scanLagSeconds !== undefined && { scanLagSeconds }),
    lateChanges: totals?.lateChanges ?? 0,
    notified: delivered?.notified ?? 0,
    ...(Object.keys(sentBeside).length > 0 && { sentBeside }),
    undelivered: delivered?.undelivered ?? 0,
    unknownPublishes: delivered?.unknownPublishes ?? 0,
  };
}

/** A tick that failed in part; what it found is stored and published. */
export class TickFailedError extends Error {
  override readonly name = 'TickFailedError';

  /** @param failures at least one */
  constructor(
    { environment, tick }: Pick<TickReport, 'environment' | 'tick'>,
    failures: readonly Error[],
  ) {
    super(`tick ${tick} of ${environment}: ${describeErrors(failures).join('; ')}`, {
      cause: failures.length === 1 ? failures[0] : new AggregateError(failures),
    });
  }
}
