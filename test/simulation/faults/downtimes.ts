import { minuteMs } from '../../../lambda/common/time.ts';
import type { Downtime, Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import { connectionError, serviceError, timeoutError } from '../services/service-error.ts';
import type { ServiceName } from './fault-kinds.ts';

/** Knows when each service is down. */
export class Downtimes {
  readonly #spans: readonly (Downtime & { readonly fromMs: number; readonly toMs: number })[];
  #isOver = false;

  constructor({ downtimes, bus }: Pick<Schedule, 'downtimes' | 'bus'>, timeline: Timeline) {
    this.#spans = [...downtimes, ...(bus?.downtimes ?? [])].map((downtime) => {
      const fromMs = timeline.at(downtime.from);
      return { ...downtime, fromMs, toMs: fromMs + downtime.minutes * minuteMs };
    });
  }

  end(): void {
    this.#isOver = true;
  }

  /** The downtime a call falls into, if any. */
  meet(service: ServiceName, nowEpochMs: number): Downtime | undefined {
    if (this.#isOver) return undefined;
    return this.#spans.find(
      (span) => span.service === service && nowEpochMs >= span.fromMs && nowEpochMs < span.toMs,
    );
  }
}

/** The error of a call while its service is down; the call has no effect. */
export function downtimeError({ manner }: Pick<Downtime, 'manner'>): Error {
  switch (manner) {
    case 'unavailable':
      return connectionError('ECONNREFUSED');
    case 'server-error':
      return serviceError('InternalServerError', 'internal error', 500);
    case 'times-out':
      return timeoutError();
    case 'denied':
      return serviceError('AccessDeniedException', 'not authorized');
  }
}
