import { labelWidth } from './render-chart.ts';

/** The axis of a chart with a named row each: names flush left, in a column as wide as in all charts. */
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
