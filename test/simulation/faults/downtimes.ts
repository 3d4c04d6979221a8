import type { Downtime, Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import { connectionError, serviceError, timeoutError } from '../services/service-error.ts';
import type { ServiceName } from './fault-kinds.ts';

const minuteMs = 60_000;

/** Tells when a service is away. */
export class Downtimes {
  readonly #spans: readonly (Downtime & { readonly fromMs: number; readonly toMs: number })[];
  #isOver = false;

  constructor({ downtimes }: Pick<Schedule, 'downtimes'>, timeline: Timeline) {
    this.#spans = downtimes.map((downtime) => {
      const fromMs = timeline.at(downtime.from);
      return { ...downtime, fromMs, toMs: fromMs + downtime.minutes * minuteMs };
    });
  }

  end(): void {
    this.#isOver = true;
  }

  /** The downtime that a call meets, if any. */
  meet(service: ServiceName, nowEpochMs: number): Downtime | undefined {
    if (this.#isOver) return undefined;
    return this.#spans.find(
      (span) => span.service === service && nowEpochMs >= span.fromMs && nowEpochMs < span.toMs,
    );
  }
}

/** What whoever calls is told while a service is away: none of these had an effect. */
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
