import type { TopLevelSpec } from 'vega-lite';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { plotWidth } from './render-chart.ts';
import { rowAxis } from './row-axis.ts';
import { stateSpans } from './state-spans.ts';
import { reportSpan, timeScale } from './time-scale.ts';

const rowHeight = 24;

const stateColours = {
  OK: 'var(--ok)',
  ALARM: 'var(--alarm)',
  INSUFFICIENT_DATA: 'var(--unknown)',
} as const;

/** The state of every alarm over time, one band per alarm. */
export function alarmChart(result: DemoResult): TopLevelSpec {
  const { startEpochMs, endEpochMs } = reportSpan(result);
  const bands = result.alarms.flatMap((alarm) =>
    stateSpans(alarm, startEpochMs, endEpochMs).map((span) => ({
      ...span,
      alarm: visibleTextUpTo(alarm.label, 40),
    })),
  );
  return {
    width: plotWidth,
    height: { step: rowHeight },
    data: { values: bands },
    mark: { type: 'bar', height: { band: 0.7 }, cornerRadius: 2 },
    encoding: {
      x: { field: 'startEpochMs', ...timeScale(true, [startEpochMs, endEpochMs]) },
      x2: { field: 'endEpochMs' },
      y: {
        field: 'alarm',
        type: 'nominal',
        sort: null,
        axis: rowAxis,
      },
      color: {
        field: 'state',
        type: 'nominal',
        legend: null,
        scale: { domain: Object.keys(stateColours), range: Object.values(stateColours) },
      },
    },
  } as TopLevelSpec;
}
