import { labelWidth } from './render-chart.ts';

/**
 * The axis of a chart with named rows: names flush left, in a column of the same width in all
 * charts.
 */
export const rowAxis = {
  title: null,
  domain: false,
  ticks: false,
  labelColor: 'var(--ink)',
  labelAlign: 'left',
  labelPadding: labelWidth,
  labelLimit: 2 * labelWidth,
  minExtent: labelWidth,
  maxExtent: labelWidth,
} as const;
