import type { BlindCause } from './coverage.ts';
import { describeError } from './log.ts';
import type { TickNumbers } from './metrics.ts';
import type { Window } from './windows.ts';

/** What a tick found, in the form that the invocation returns. Times are ISO 8601 in UTC. */
export interface TickReport {
  readonly environment: string;
  readonly tick: string;
  /** Half-open. */
  readonly window: { readonly start: string; readonly end: string };
  readonly logGroups: readonly LogGroupReport[];
  readonly scanCompleted: boolean;
  readonly bytesScanned: number;
  /** Findings that people were told of in this tick. */
  readonly notified: number;
  /** Findings that they still have to be told of. */
  readonly undelivered: number;
}

interface LogGroupReport {
  readonly logGroup: string;
  readonly covered: boolean;
  readonly blind?: { readonly cause: BlindCause; readonly detail: string };
  /** The published number; absent when it is not known. */
  readonly matches?: number;
  /** Likewise, of the findings. */
  readonly privilegeChanges?: number;
}

export function tickReport(
  numbers: TickNumbers,
  window: Window,
  { notified, undelivered }: Pick<TickReport, 'notified' | 'undelivered'>,
): TickReport {
  const { mwaaEnvironment, tickEpochMs, coverage, scanCompleted, bytesScanned } = numbers;
  return {
    environment: mwaaEnvironment,
    tick: new Date(tickEpochMs).toISOString(),
    window: windowTimes(window),
    logGroups: coverage.map(({ logGroup, blind }) => {
      const matches = numbers.matches.get(logGroup);
      const privilegeChanges = numbers.privilegeChanges.get(logGroup);
      return {
        logGroup,
        covered: blind === undefined,
        ...(blind !== undefined && { blind }),
        ...(matches !== undefined && { matches }),
        ...(privilegeChanges !== undefined && { privilegeChanges }),
      };
    }),
    scanCompleted,
    bytesScanned,
    notified,
    undelivered,
  };
}

export function windowTimes({ startEpochMs, endEpochMs }: Window): TickReport['window'] {
  return { start: new Date(startEpochMs).toISOString(), end: new Date(endEpochMs).toISOString() };
}

/** A tick that could not do all that it should; what it did find out was published. */
export class TickFailedError extends Error {
  override readonly name = 'TickFailedError';

  /** @param failures at least one */
  constructor({ environment, tick }: TickReport, failures: readonly Error[]) {
    super(`tick ${tick} of ${environment}: ${failures.map(describeError).join('; ')}`, {
      cause: failures.length === 1 ? failures[0] : new AggregateError(failures),
    });
  }
}
