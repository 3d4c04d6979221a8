import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { minuteMs } from '../../../lambda/common/time.ts';
import type { AlarmStateValue } from '../../alarms/metric-alarm.ts';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { AlarmResult, DemoResult, LogGroupResult } from '../result/demo-result.ts';

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

/**
 * The axis of a chart with named rows: names flush left, in a column of the same width in all
 * charts.
 */
const rowAxis = {
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

interface StateSpan {
  readonly state: AlarmStateValue;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** The states that an alarm was in, without gaps, from its creation to the end of the run. */
export function stateSpans(
  { changes }: Pick<AlarmResult, 'changes'>,
  startEpochMs: number,
  endEpochMs: number,
): StateSpan[] {
  const spans: StateSpan[] = [];
  let open: { state: AlarmStateValue; startEpochMs: number } = {
    state: 'INSUFFICIENT_DATA',
    startEpochMs,
  };
  for (const { state, atEpochMs } of changes) {
    if (atEpochMs > open.startEpochMs) spans.push({ ...open, endEpochMs: atEpochMs });
    open = { state, startEpochMs: Math.max(atEpochMs, startEpochMs) };
  }
  if (endEpochMs > open.startEpochMs) spans.push({ ...open, endEpochMs });
  return spans;
}

/** The time that the charts show: from the first tick to the end of the last period. */
export function reportSpan({ ticks, everyMinutes }: Pick<DemoResult, 'ticks' | 'everyMinutes'>): {
  startEpochMs: number;
  endEpochMs: number;
  periodMs: number;
} {
  const periodMs = everyMinutes * minuteMs;
  const startEpochMs = ticks[0]?.tickEpochMs ?? 0;
  const endEpochMs = (ticks.at(-1)?.tickEpochMs ?? 0) + 2 * periodMs;
  return { startEpochMs, endEpochMs, periodMs };
}

/** A time axis in UTC. Exactly one layer of a chart sets its domain. */
export function timeScale(
  showLabels: boolean,
  domain?: readonly [number, number],
  title: string | null = 'time of the tick (UTC)',
): object {
  const isWithinADay = !domain || domain[1] - domain[0] < 24 * 60 * minuteMs;
  return {
    type: 'temporal',
    scale: {
      type: 'utc',
      ...(domain ? { domainMin: domain[0], domainMax: domain[1], nice: false } : {}),
    },
    axis: {
      title: showLabels ? title : null,
      labels: showLabels,
      ticks: showLabels,
      format: isWithinADay ? '%H:%M' : '%b %d %H:%M',
      tickCount: 12,
    },
  };
}

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
