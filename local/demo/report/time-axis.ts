import { dayMs, hourMs, minuteMs, secondMs } from '../../../lambda/common/time.ts';

/** A span of time that a chart shows; not empty. */
export interface ChartSpan {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** Where a time is on the axis: `12.34%` from its left end. */
export function positionOf(epochMs: number, span: ChartSpan): string {
  return `${Number(shareOf(epochMs, span).toFixed(3))}%`;
}

/** The part of the axis that a span covers: `3.5%`. */
export function widthOf(startEpochMs: number, endEpochMs: number, span: ChartSpan): string {
  const width = shareOf(endEpochMs, span) - shareOf(startEpochMs, span);
  return `${Number(Math.max(0, width).toFixed(3))}%`;
}

function shareOf(epochMs: number, { startEpochMs, endEpochMs }: ChartSpan): number {
  const share = (100 * (epochMs - startEpochMs)) / (endEpochMs - startEpochMs);
  return Math.min(100, Math.max(0, share));
}

const stepsMs = [
  ...[secondMs, 5 * secondMs, 15 * secondMs, 30 * secondMs],
  ...[minuteMs, 2 * minuteMs, 5 * minuteMs, 10 * minuteMs, 15 * minuteMs, 30 * minuteMs],
  ...[hourMs, 2 * hourMs, 3 * hourMs, 6 * hourMs, 12 * hourMs],
  ...[dayMs, 2 * dayMs, 7 * dayMs, 14 * dayMs, 30 * dayMs, 90 * dayMs, 365 * dayMs],
];

/** So many labels fit beside each other on a narrow screen if every second one is hidden. */
const labelsMax = 8;

/** Round times within a span, at most eight of them. */
export function axisTimes({ startEpochMs, endEpochMs }: ChartSpan): number[] {
  const spanMs = endEpochMs - startEpochMs;
  const stepMs =
    stepsMs.find((step) => spanMs / step <= labelsMax) ??
    Math.ceil(spanMs / labelsMax / dayMs) * dayMs;
  const first = Math.ceil(startEpochMs / stepMs) * stepMs;
  const times: number[] = [];
  for (let time = first; time <= endEpochMs && times.length < labelsMax; time += stepMs) {
    times.push(time);
  }
  return times;
}

/** How times are written: without a date if all are of one day (UTC). */
export interface TimeFormat {
  /** `05:53:00`, or `2026-11-22 05:53:00` */
  readonly second: (epochMs: number) => string;
  /** `05:53:00.123`, or with the date */
  readonly millisecond: (epochMs: number) => string;
  /** `05:53`, or `11-22 05:53` */
  readonly label: (epochMs: number) => string;
}

/** The format for the times of a span. */
export function timeFormatFor({ startEpochMs, endEpochMs }: ChartSpan): TimeFormat {
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  const isOneDay = iso(startEpochMs).slice(0, 10) === iso(endEpochMs).slice(0, 10);
  const isLong = endEpochMs - startEpochMs > 8 * dayMs;
  const isShort = endEpochMs - startEpochMs < 2 * minuteMs;
  return {
    second: (epochMs) =>
      isOneDay ? iso(epochMs).slice(11, 19) : iso(epochMs).slice(0, 19).replace('T', ' '),
    millisecond: (epochMs) =>
      isOneDay ? iso(epochMs).slice(11, 23) : iso(epochMs).slice(0, 23).replace('T', ' '),
    label: (epochMs) => {
      if (isOneDay) return iso(epochMs).slice(11, isShort ? 19 : 16);
      return isLong ? iso(epochMs).slice(0, 10) : iso(epochMs).slice(5, 16).replace('T', ' ');
    },
  };
}
