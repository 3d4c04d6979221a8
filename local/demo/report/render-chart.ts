import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Colours are the page's variables, so that one picture fits a light and a dark page. */
const config = {
  background: 'transparent',
  padding: { left: 0, right: 12, top: 5, bottom: 5 },
  font: 'inherit',
  view: { stroke: 'transparent' },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    gridColor: 'var(--line)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  title: { color: 'var(--ink)', fontSize: 13, anchor: 'start', offset: 6 },
} as const;

/** A chart as SVG text, drawn without a browser. */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  const vegaSpec = compile({ ...spec, config } as TopLevelSpec).spec;
  return await new View(parse(vegaSpec), { renderer: 'none' }).toSVG();
}

/** Plot width of every chart, in pixels; equal, so that charts align vertically. */
export const plotWidth = 830;
/** Space for labels left of the plot, in pixels. */
export const labelWidth = 190;
