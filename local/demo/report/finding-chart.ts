import type { TopLevelSpec } from 'vega-lite';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { plotWidth } from './render-chart.ts';
import { rowAxis } from './row-axis.ts';
import { reportSpan, timeScale } from './time-scale.ts';

const rowHeight = 24;

/** Highest severity first; `info` is never notified. */
export const shownSeverities = ['critical', 'high', 'medium', 'low'] as const;

/** Findings over time, one row per detection, coloured by severity. */
export function findingChart(result: DemoResult): TopLevelSpec {
  const { startEpochMs, endEpochMs } = reportSpan(result);
  const marks = result.findings.map(({ firstSeen, severity, detections, title }) => ({
    at: Date.parse(firstSeen),
    severity,
    detection: visibleTextUpTo(detections[0] ?? 'in a digest', 40),
    spoken: `${firstSeen.slice(11, 19)} ${severity}: ${visibleTextUpTo(title, 100)}`,
  }));
  const first = Math.min(startEpochMs, ...marks.map(({ at }) => at));
  return {
    width: plotWidth,
    height: { step: rowHeight },
    data: { values: marks },
    mark: { type: 'tick', thickness: 3, height: rowHeight * 0.7 },
    encoding: {
      x: {
        field: 'at',
        ...timeScale(true, [first, endEpochMs], 'time of the first line (UTC)'),
      },
      y: {
        field: 'detection',
        type: 'nominal',
        sort: { op: 'count', order: 'descending' },
        axis: { ...rowAxis, grid: true },
      },
      color: {
        field: 'severity',
        type: 'nominal',
        legend: null,
        scale: {
          domain: [...shownSeverities],
          range: shownSeverities.map((severity) => `var(--${severity})`),
        },
      },
      description: { field: 'spoken' },
    },
  } as TopLevelSpec;
}
