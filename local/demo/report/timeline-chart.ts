import type { TopLevelSpec } from 'vega-lite';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult, LogGroupResult } from '../result/demo-result.ts';
import { labelWidth, plotWidth } from './render-chart.ts';
import { stateSpans } from './state-spans.ts';
import { reportSpan, timeScale } from './time-scale.ts';

const plotHeight = 64;

/**
 * Matches by tick, one row per log group; in the background the spans in which the group's alarm
 * was in ALARM, with a mark at each notification.
 */
export function timelineChart(result: DemoResult): TopLevelSpec {
  const rows = result.logGroups.map((group, index) =>
    groupRow(result, group, index === result.logGroups.length - 1),
  );
  return { vconcat: rows, spacing: 14, bounds: 'flush' } as TopLevelSpec;
}

function groupRow(result: DemoResult, group: LogGroupResult, isLast: boolean): object {
  const { startEpochMs, endEpochMs, periodMs } = reportSpan(result);
  const alarm = result.alarms.find(({ alarmName }) => alarmName === group.alarmName);
  const alarmSpans = stateSpans(alarm ?? { changes: [] }, startEpochMs, endEpochMs).filter(
    ({ state }) => state === 'ALARM',
  );
  const bars = group.matchesByTick
    .filter(({ matches }) => matches > 0)
    .map(({ tickEpochMs, matches }) => ({
      start: tickEpochMs,
      end: tickEpochMs + periodMs,
      matches,
      spoken: `${new Date(tickEpochMs).toISOString().slice(11, 16)}: ${matches} matches`,
    }));
  const notifications = result.notifications
    .filter(({ alarmName, state }) => alarmName === group.alarmName && state === 'ALARM')
    .map(({ atEpochMs }) => ({ at: atEpochMs }));
  const x = (field: string, domain?: [number, number]) => ({
    field,
    ...timeScale(isLast, domain),
  });
  const y = {
    field: 'matches',
    type: 'quantitative',
    scale: { domainMin: 0, nice: 3 },
    axis: {
      title: visibleTextUpTo(group.logType, 40),
      titleAngle: 0,
      titleAlign: 'left',
      titleX: -labelWidth,
      titleY: plotHeight / 2,
      titleFontSize: 13,
      titleColor: 'var(--ink)',
      tickCount: 3,
      format: 'd',
      minExtent: labelWidth,
      maxExtent: labelWidth,
    },
  };
  return {
    width: plotWidth,
    height: plotHeight,
    layer: [
      {
        data: { values: alarmSpans },
        mark: { type: 'rect', color: 'var(--alarm)', opacity: 0.14 },
        encoding: { x: x('startEpochMs', [startEpochMs, endEpochMs]), x2: { field: 'endEpochMs' } },
      },
      {
        data: { values: bars },
        mark: { type: 'rect', color: 'var(--bar)', stroke: 'var(--paper)', strokeWidth: 1 },
        encoding: {
          x: x('start'),
          x2: { field: 'end' },
          y,
          y2: { datum: 0 },
          description: { field: 'spoken' },
        },
      },
      {
        data: { values: notifications },
        mark: { type: 'rule', color: 'var(--alarm)', strokeWidth: 2 },
        encoding: { x: x('at') },
      },
    ],
  };
}
