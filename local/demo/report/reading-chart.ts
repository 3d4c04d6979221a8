import type { Lane } from '../../../lambda/model/windows.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { escapeText } from './escape-text.ts';
import { axisTimes, type ChartSpan, positionOf, timeFormatFor, widthOf } from './time-axis.ts';

/** Where each lane's bar begins within a period, and how wide it is: the bars are side by side. */
const laneOffsets = {
  documented: 0,
  scan: 0.25,
  near: 0.5,
  far: 0.75,
} as const satisfies Record<Lane, number>;
const barShare = 0.22;

/**
 * What each tick read: the x axis is the tick's time, the y axis the time of the lines.
 * Undisturbed, each lane is a staircase of even steps below the present; after an outage, one step
 * is as high as the missed time. A late change is a horizontal line at the time of its lines, from
 * their arrival to the tick whose sweep found them.
 */
export function readingChart(result: DemoResult, span: ChartSpan, periodMs: number): string {
  const spans = result.ticks.flatMap(({ tickEpochMs, reading }) =>
    (reading?.spans ?? []).map((read) => ({ ...read, tickEpochMs })),
  );
  const lowest = Math.min(span.startEpochMs, ...spans.map(({ startEpochMs }) => startEpochMs));
  const lines: ChartSpan = { startEpochMs: lowest, endEpochMs: span.endEpochMs };
  const x = (epochMs: number) => positionOf(epochMs, span);
  /** The latest time is at the top. */
  const y = (epochMs: number) => positionOf(lines.startEpochMs + lines.endEpochMs - epochMs, lines);
  const { label } = timeFormatFor(lines);

  const grid = [
    ...axisTimes(span).map(
      (at) => `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="0" y2="100%"/>`,
    ),
    ...axisTimes(lines).map(
      (at) => `<line class="grid" x1="0" x2="100%" y1="${y(at)}" y2="${y(at)}"/>`,
    ),
  ];
  const { outage } = result;
  const missed =
    outage === undefined
      ? []
      : [
          `<rect class="missed" x="${x(outage.startEpochMs)}" y="0" width="${widthOf(outage.startEpochMs, outage.endEpochMs, span)}" height="100%"/>`,
        ];
  const present = `<line class="present" x1="${x(span.startEpochMs)}" y1="${y(span.startEpochMs)}" x2="${x(span.endEpochMs)}" y2="${y(span.endEpochMs)}"/>`;
  const bars = spans.map(({ lane, tickEpochMs, startEpochMs, endEpochMs }) => {
    const left = tickEpochMs + periodMs * laneOffsets[lane];
    const right = left + periodMs * barShare;
    return `<rect class="lane ${lane}" x="${x(left)}" y="${y(endEpochMs)}" width="${widthOf(left, right, span)}" height="${widthOf(startEpochMs, endEpochMs, lines)}"><title>${label(tickEpochMs)} ${lane}: ${label(startEpochMs)} to ${label(endEpochMs)}</title></rect>`;
  });
  const late = result.lateChanges.map((change) => {
    const at = y(change.happenedEpochMs);
    const found = x(change.foundTickEpochMs + periodMs * (laneOffsets[change.lane] + barShare / 2));
    const came = x(change.cameEpochMs);
    return `<g class="late"><title>late: ${escapeText(change.title, 100)}</title><line x1="${came}" x2="${found}" y1="${at}" y2="${at}"/><circle class="came" cx="${came}" cy="${at}" r="4"/><circle class="found" cx="${found}" cy="${at}" r="4.5"/></g>`;
  });
  const labels = (times: readonly number[], side: 'left' | 'top', place: (at: number) => string) =>
    times.map((at) => `<span style="${side}:${place(at)}">${label(at)}</span>`).join('');
  const spoken = `What ${result.ticks.length.toLocaleString('en')} ticks read, from ${label(span.startEpochMs)} to ${label(span.endEpochMs)} UTC. The text above and the table below say the same in words`;
  return `<div class="plane"><span class="labels rising" aria-hidden="true">${labels(axisTimes(lines), 'top', y)}</span><svg class="plot" width="100%" height="340" role="img" aria-label="${escapeText(spoken)}">${[...grid, ...missed, present, ...bars, ...late].join('')}</svg><span></span><span class="labels" aria-hidden="true">${labels(axisTimes(span), 'left', x)}</span></div>`;
}
