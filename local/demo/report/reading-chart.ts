import type { TopLevelSpec } from 'vega-lite';
import type { Lane } from '../../../lambda/model/windows.ts';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { labelWidth, plotWidth, reportSpan, timeScale } from './charts.ts';

const plotHeight = 380;
/** Where each lane's bar begins within a period, and how wide it is: the bars are side by side. */
const laneOffsets = {
  documented: 0,
  scan: 0.25,
  near: 0.5,
  far: 0.75,
} as const satisfies Record<Lane, number>;
const barShare = 0.22;

const laneColours = {
  documented: 'var(--muted)',
  scan: 'var(--bar)',
  near: 'var(--near)',
  far: 'var(--far)',
} as const satisfies Record<Lane, string>;

/**
 * What each tick read: the x axis is the tick's time, the y axis the time of the lines.
 * Undisturbed, each lane is a staircase of even steps below the present; after an outage, one step
 * is as high as the missed time. A late change is a horizontal line at the time of its lines, from
 * their arrival to the tick whose sweep found them.
 */
export function readingChart(result: DemoResult): TopLevelSpec {
  const { startEpochMs, endEpochMs, periodMs } = reportSpan(result);
  const spans = result.ticks.flatMap(({ tickEpochMs, reading }) =>
    (reading?.spans ?? []).map((span) => ({
      lane: span.lane,
      tick: tickEpochMs + periodMs * laneOffsets[span.lane],
      tickEnd: tickEpochMs + periodMs * (laneOffsets[span.lane] + barShare),
      from: span.startEpochMs,
      to: span.endEpochMs,
      spoken: `${clock(tickEpochMs)} ${span.lane}: ${clock(span.startEpochMs)} to ${clock(span.endEpochMs)}`,
    })),
  );
  const lowest = Math.min(startEpochMs, ...spans.map(({ from }) => from));
  const late = result.lateChanges.map((change) => ({
    at: change.happenedEpochMs,
    came: change.cameEpochMs,
    found: change.foundTickEpochMs + periodMs * (laneOffsets[change.lane] + barShare / 2),
    spoken: `late: ${visibleTextUpTo(change.title, 100)}`,
  }));
  const outage = result.outage ? [result.outage] : [];
  const x = (field: string) => ({
    field,
    ...timeScale(true, [startEpochMs, endEpochMs]),
  });
  const y = (field: string) => ({
    field,
    ...timeScale(true, [lowest, endEpochMs], null),
  });
  return {
    width: plotWidth,
    height: plotHeight,
    padding: { left: labelWidth },
    layer: [
      {
        data: { values: outage },
        mark: { type: 'rect', color: 'var(--unknown)', opacity: 0.35 },
        encoding: { x: x('startEpochMs'), x2: { field: 'endEpochMs' } },
      },
      {
        data: { values: [startEpochMs, endEpochMs].map((at) => ({ at })) },
        mark: { type: 'line', color: 'var(--muted)', strokeDash: [2, 4] },
        encoding: { x: x('at'), y: y('at') },
      },
      {
        data: { values: spans },
        mark: { type: 'rect' },
        encoding: {
          x: x('tick'),
          x2: { field: 'tickEnd' },
          y: y('from'),
          y2: { field: 'to' },
          color: {
            field: 'lane',
            type: 'nominal',
            legend: null,
            scale: { domain: Object.keys(laneColours), range: Object.values(laneColours) },
          },
          description: { field: 'spoken' },
        },
      },
      {
        data: { values: late },
        mark: { type: 'rule', color: 'var(--alarm)', strokeWidth: 1.5 },
        encoding: { x: x('came'), x2: { field: 'found' }, y: y('at') },
      },
      {
        data: { values: late },
        mark: { type: 'point', color: 'var(--alarm)', size: 50, fill: 'var(--paper)', opacity: 1 },
        encoding: { x: x('came'), y: y('at') },
      },
      {
        data: { values: late },
        mark: { type: 'point', color: 'var(--alarm)', size: 70, filled: true, opacity: 1 },
        encoding: { x: x('found'), y: y('at'), description: { field: 'spoken' } },
      },
    ],
  } as TopLevelSpec;
}

function clock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 16);
}
