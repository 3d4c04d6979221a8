import type { AlarmStateValue } from '../../alarms/metric-alarm.ts';
import type { AlarmResult, NotificationResult } from '../result/demo-result.ts';
import { escapeText } from './escape-text.ts';
import {
  type AlarmView,
  type FindingView,
  type GroupView,
  mainDetection,
  shownSeverities,
} from './report-view.ts';
import { axisTimes, type ChartSpan, positionOf, timeFormatFor, widthOf } from './time-axis.ts';

/** Names in charts are cut to this length; the whole name is in the tables. */
const nameCharactersMax = 60;

/**
 * A chart of named rows over time, as HTML: the names are text of the page, so that none overlaps another,
 * and each row's drawing is an SVG as wide as the page leaves it.
 */
function rowChart(rows: readonly string[], span: ChartSpan): string {
  return `<div class="chart">${rows.join('')}<div class="row axis" aria-hidden="true"><span></span>${axis(span)}</div></div>`;
}

/**
 * @param name HTML
 * @param spoken what the drawing shows, for people who hear the page
 * @param marks SVG
 */
function row(name: string, spoken: string, heightPixels: number, marks: string): string {
  const svg = `<svg class="plot" width="100%" height="${heightPixels}" role="group" aria-label="${escapeText(spoken)}">${marks}</svg>`;
  return `<div class="row"><span class="name">${name}</span>${svg}</div>`;
}

function axis(span: ChartSpan): string {
  const { label } = timeFormatFor(span);
  const labels = axisTimes(span).map(
    (time) => `<span style="left:${positionOf(time, span)}">${label(time)}</span>`,
  );
  return `<span class="labels">${labels.join('')}</span>`;
}

function gridLines(span: ChartSpan): string {
  return axisTimes(span)
    .map((time) => {
      const x = positionOf(time, span);
      return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="100%"/>`;
    })
    .join('');
}

function nameLink(href: string, name: string): string {
  return `<a href="#${href}">${escapeText(name, nameCharactersMax)}</a>`;
}

const findingRowHeight = 22;
/** A worse finding's mark is higher, so that its severity does not depend on its colour alone. */
const markHeights = { critical: 20, high: 16, medium: 12, low: 8, info: 8 } as const;

/** By how much a mark is moved beside the one before it of the same time. */
const fanPixels = 4;
const fanPixelsMax = 48;

/** Findings at the time of their first line: one row per detection, the most frequent first. */
export function findingChart(findings: readonly FindingView[], span: ChartSpan): string {
  const { second } = timeFormatFor(span);
  const rows = [...Map.groupBy(findings, mainDetection)].toSorted(
    ([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1),
  );
  return rowChart(
    rows.map(([detection, those]) => {
      const counts = shownSeverities
        .map((severity) => ({
          severity,
          count: those.filter((finding) => finding.severity === severity).length,
        }))
        .filter(({ count }) => count > 0)
        .map(({ severity, count }) => `${count} ${severity}`);
      const shifts = new Map<string, number>();
      const marks = those.map((finding) => {
        const height = markHeights[finding.severity];
        const at = positionOf(Date.parse(finding.firstSeen), span);
        // Marks of about the same time are fanned out, so that many do not look like one.
        const moment = Number.parseFloat(at).toFixed(0);
        const shift = shifts.get(moment) ?? 0;
        shifts.set(moment, Math.min(shift + fanPixels, fanPixelsMax));
        const spoken = `${second(Date.parse(finding.firstSeen))} ${finding.severity}: ${finding.title}`;
        const text = escapeText(spoken, 120);
        // The list below the chart has the same links for the keyboard.
        return `<a id="${finding.markAnchor}" class="filtered ${finding.classNames.join(' ')}" href="#${finding.anchor}" tabindex="-1" aria-label="${text}"><title>${text}</title><rect class="mark ${finding.severity}" x="${at}" y="${(findingRowHeight - height) / 2}" width="5" height="${height}" rx="1"${shift > 0 ? ` transform="translate(${shift})"` : ''}/></a>`;
      });
      const name = `${nameLink(those[0]?.anchor ?? 'findings', detection)} <b>${those.length}</b>`;
      const spoken = `${detection}: ${counts.join(', ')}`;
      return row(name, spoken, findingRowHeight, gridLines(span) + marks.join(''));
    }),
    span,
  );
}

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

const alarmRowHeight = 18;
/** The state as a class, and as the height of its band. */
const stateBands = {
  ALARM: { className: 'alarm', height: 14, spoken: 'ALARM' },
  OK: { className: 'ok', height: 6, spoken: 'OK' },
  INSUFFICIENT_DATA: { className: 'unknown', height: 2, spoken: 'no data' },
} as const;

/** The state of every alarm over time, one band per alarm. */
export function alarmChart(alarms: readonly AlarmView[], span: ChartSpan): string {
  const { label } = timeFormatFor(span);
  return rowChart(
    alarms.map((alarm) => {
      const spans = stateSpans(alarm, span.startEpochMs, span.endEpochMs);
      const bands = spans.map(({ state, startEpochMs, endEpochMs }) => {
        const { className, height, spoken } = stateBands[state];
        return `<rect class="band ${className}" x="${positionOf(startEpochMs, span)}" y="${(alarmRowHeight - height) / 2}" width="${widthOf(startEpochMs, endEpochMs, span)}" height="${height}"><title>${spoken} from ${label(startEpochMs)} to ${label(endEpochMs)}</title></rect>`;
      });
      const text = escapeText(alarm.label, nameCharactersMax);
      const name = `<span id="${alarm.anchor}">${alarm.groupAnchor === undefined ? text : `<a href="#${alarm.groupAnchor}">${text}</a>`}</span>`;
      const spoken = spans
        .map(({ state, startEpochMs }) => `${stateBands[state].spoken} from ${label(startEpochMs)}`)
        .join(', ');
      return row(name, `${alarm.label}: ${spoken}`, alarmRowHeight, bands.join(''));
    }),
    span,
  );
}

const plotHeight = 44;
const barHeightMax = 30;

/**
 * Matches of the documented query over time, one row per log group with a scale of its own. Below the bars
 * is the time in which the group's alarm was in ALARM, with a mark at each notification.
 */
export function timelineChart(
  groups: readonly GroupView[],
  notifications: readonly Pick<NotificationResult, 'alarmName' | 'state' | 'atEpochMs'>[],
  span: ChartSpan,
  alarmOf: (group: GroupView) => AlarmView | undefined,
): string {
  const { label, second } = timeFormatFor(span);
  return rowChart(
    groups.map((group) => {
      const most = Math.max(1, ...group.bars.map(({ matches }) => matches));
      const bars = group.bars
        .filter(({ matches }) => matches > 0)
        .map(({ startEpochMs, endEpochMs, matches }) => {
          const height = Math.max(3, (barHeightMax * matches) / most);
          return `<rect class="bar" x="${positionOf(startEpochMs, span)}" y="${(barHeightMax - height).toFixed(1)}" width="${widthOf(startEpochMs, endEpochMs, span)}" height="${height.toFixed(1)}"><title>${label(startEpochMs)}: ${matches} with add-role</title></rect>`;
        });
      const alarm = alarmOf(group);
      const rang =
        alarm === undefined
          ? []
          : stateSpans(alarm, span.startEpochMs, span.endEpochMs).filter(
              ({ state }) => state === 'ALARM',
            );
      const bands = rang.map(
        ({ startEpochMs, endEpochMs }) =>
          `<rect class="band alarm" x="${positionOf(startEpochMs, span)}" y="${barHeightMax + 4}" width="${widthOf(startEpochMs, endEpochMs, span)}" height="4"><title>ALARM from ${label(startEpochMs)} to ${label(endEpochMs)}</title></rect>`,
      );
      const notified = notifications
        .filter(({ alarmName, state }) => alarmName === alarm?.alarmName && state === 'ALARM')
        .map(
          ({ atEpochMs }) =>
            `<circle class="notified" cx="${positionOf(atEpochMs, span)}" cy="${barHeightMax + 6}" r="4"><title>notified ${second(atEpochMs)}</title></circle>`,
        );
      const total = group.bars.reduce((sum, { matches }) => sum + matches, 0);
      const inAlarm = rang.map(({ startEpochMs }) => label(startEpochMs)).join(', ');
      return row(
        `${nameLink(group.anchor, group.logGroup)} <b>${total.toLocaleString('en')}</b>`,
        `${group.logGroup}: ${total} in all${total === 0 ? '' : `, at most ${most} in a bar`}${inAlarm && `; in ALARM from ${inAlarm}`}`,
        plotHeight,
        [gridLines(span), ...bars, ...bands, ...notified].join(''),
      );
    }),
    span,
  );
}
