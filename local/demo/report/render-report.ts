import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { minuteMs } from '../../../lambda/common/time.ts';
import type { Actor } from '../../../lambda/model/finding.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { alarmChart, findingChart, timelineChart } from './charts.ts';
import { disturbanceFacts } from './disturbance-facts.ts';
import { escapeText } from './escape-text.ts';
import { readingChart } from './reading-chart.ts';
import {
  filterRules,
  type ReportInput,
  type ReportView,
  reportView,
  type ShownFinding,
} from './report-view.ts';
import { type ChartSpan, timeFormatFor } from './time-axis.ts';

const templates = fileURLToPath(new URL('templates', import.meta.url));

/** What a replay shows; it has no ticks, alarms and mails. */
export interface ReplayReport extends ReportInput {
  /** The path of the logs, as it was given. */
  readonly source: string;
  readonly events: number;
  /** Number of events that a detection matched. */
  readonly matchedEvents: number;
  /** What could not be read of the input, as a clause. @default - it was read completely */
  readonly incomplete?: string;
  /** Changes that the environment's file approves. */
  readonly approved: readonly ShownFinding[];
}

/** One number at the top of the page. `id` is its element's; `meaning` says what it counts. */
interface Figure {
  readonly id: string;
  readonly value: string;
  readonly name: string;
  readonly meaning: string;
}

/**
 * The report of a demo run as one self-contained HTML page: no script, no network.
 *
 * Its text comes from logs, which attackers can write: everything the template inserts is made
 * visible, cut and escaped, and the page's content security policy forbids scripts and requests.
 */
export function renderReport(result: DemoResult): Promise<string> {
  const { span, periodMs } = reportSpan(result);
  const input: ReportInput = {
    ...result,
    span: spanWith(span, result.findings),
    logGroups: result.logGroups.map((group) => ({
      ...group,
      bars: group.matchesByTick.map(({ tickEpochMs, matches }) => ({
        startEpochMs: tickEpochMs,
        endEpochMs: tickEpochMs + periodMs,
        matches,
      })),
    })),
  };
  const view = reportView(input);
  const matches = total(result.logGroups.map(({ sumOfMatches }) => sumOfMatches));
  const inInput = total(result.logGroups.map(({ eventsWithAddRole }) => eventsWithAddRole));
  const alarmed = result.logGroups.filter(({ alarmedEpochMs }) => alarmedEpochMs !== undefined);
  const figures: Figure[] = [
    ...commonFigures(result.findings.length, result.events, inInput),
    {
      id: 'matches',
      value: formats.count(matches),
      name: 'sum of AddRoleMatches',
      meaning: 'what the deployed metric counted of these events',
    },
    {
      id: 'alarmed',
      value: `${alarmed.length} of ${result.logGroups.length}`,
      name: 'log groups in ALARM',
      meaning: 'at least once, by the alarm on that metric',
    },
    {
      id: 'notification-count',
      value: formats.count(result.notifications.length),
      name: 'alarm mails',
      meaning: 'one for each change of an alarm that notifies',
    },
  ];
  const isDisturbed = result.outage !== undefined || result.lateChanges.length > 0;
  const alarmOf = ({ logGroup }: { readonly logGroup: string }) => {
    const { alarmName } = result.logGroups.find((group) => group.logGroup === logGroup) ?? {};
    return view.alarms.find((alarm) => alarm.alarmName === alarmName);
  };
  return renderPage(input, view, {
    ...{ demo: result, figures, isDisturbed },
    ...{ source: result.source, incomplete: result.incomplete, approved: [] },
    timeline: timelineChart(view.groups, result.notifications, span, alarmOf),
    alarmStates: alarmChart(view.alarms, span),
    alarmNamed: (name: string) => view.alarms.find(({ alarmName }) => alarmName === name),
    ...(isDisturbed && {
      reading: readingChart(result, span, periodMs),
      disturbance: disturbanceFacts(result),
    }),
  });
}

/** The report of a replay: the same page, without what only a run of the monitor has. */
export function renderReplayReport(replay: ReplayReport): Promise<string> {
  const { findings, events, source, incomplete, approved } = replay;
  const input = { ...replay, span: spanWith(replay.span, findings) };
  const view = reportView(input);
  const inInput = total(replay.logGroups.map(({ eventsWithAddRole }) => eventsWithAddRole));
  const figures: Figure[] = [
    ...commonFigures(findings.length, events, inInput),
    {
      id: 'matched-events',
      value: formats.count(replay.matchedEvents),
      name: 'events about privileges',
      meaning: 'matched by a detection; the findings are made of them',
    },
  ];
  return renderPage(input, view, {
    ...{ demo: undefined, figures, source, incomplete, approved },
    timeline: timelineChart(view.groups, [], input.span, () => undefined),
  });
}

function commonFigures(findings: number, events: number, withAddRole: number): Figure[] {
  return [
    {
      id: 'finding-count',
      value: formats.count(findings),
      name: 'privilege changes found',
      meaning: 'each is one finding, however many lines show it',
    },
    {
      id: 'events',
      value: formats.count(events),
      name: 'log events read',
      meaning: 'lines of the input, of all log groups',
    },
    {
      id: 'events-with-add-role',
      value: formats.count(withAddRole),
      name: 'events with add-role',
      meaning: 'contain this text, as the documented query looks for',
    },
  ];
}

async function renderPage(
  input: ReportInput,
  view: ReportView,
  parts: Record<string, unknown>,
): Promise<string> {
  const eta = new Eta({ views: templates, escapeFunction: escapeText, useWith: false });
  const style = await readFile(new URL('templates/report.css', import.meta.url), 'utf8');
  return eta.renderAsync('./report', {
    ...parts,
    ...formats,
    ...timeFormatFor(input.span),
    mwaaEnvironment: input.mwaaEnvironment,
    ...{ view, span: input.span },
    style: `${style}\n${filterRules(view)}`,
    findingChart: findingChart(view.findings, input.span),
  });
}

/** The time that the charts of a demo show: from the first tick to the end of the last period. */
function reportSpan({ ticks, everyMinutes }: Pick<DemoResult, 'ticks' | 'everyMinutes'>): {
  readonly span: ChartSpan;
  readonly periodMs: number;
} {
  const periodMs = everyMinutes * minuteMs;
  const startEpochMs = ticks[0]?.tickEpochMs ?? 0;
  const endEpochMs = (ticks.at(-1)?.tickEpochMs ?? 0) + 2 * periodMs;
  return { span: { startEpochMs, endEpochMs }, periodMs };
}

/** A span that reaches all findings too, which are older than the tick that found them. */
function spanWith(span: ChartSpan, findings: readonly ShownFinding[]): ChartSpan {
  const times = findings.map(({ firstSeen }) => Date.parse(firstSeen));
  const startEpochMs = times.reduce((first, time) => Math.min(first, time), span.startEpochMs);
  const last = times.reduce((latest, time) => Math.max(latest, time), span.endEpochMs);
  // A single event is a span of nothing.
  return { startEpochMs, endEpochMs: Math.max(last, startEpochMs + 1000) };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Of a mail: a digest may have 250,000, and its file has all of them. */
const mailCharactersShown = 20_000;

/** The templates' formats of numbers, times and names. */
const formats = {
  total,
  /**
   * A mail with its line breaks, as HTML. Every address in it is the monitor's own: those in names and lines from
   * the log have lost their form (`hxxps[:]//`).
   */
  mailLines: (text: string) =>
    text
      .slice(0, mailCharactersShown)
      .split('\n')
      .map((line) =>
        escapeText(line, mailCharactersShown).replace(
          /\b(?:https|file):\/\/[^\s<>"]+/g,
          (address) => `<a href="${address}">${address}</a>`,
        ),
      )
      .join('\n'),
  count: (value: number) => value.toLocaleString('en'),
  /** `1 finding`, `1,200 findings` */
  countOf: (value: number, thing: string) =>
    `${value.toLocaleString('en')} ${thing}${value === 1 ? '' : 's'}`,
  /** `05:53:00` */
  time: (epochMs: number) => new Date(epochMs).toISOString().slice(11, 19),
  /** `2026-11-22 05:53` */
  minute: (epochMs: number) => new Date(epochMs).toISOString().slice(0, 16).replace('T', ' '),
  /** `7 min`, `8.5 min` */
  minutes: (ms: number) => `${Math.round(ms / 6_000) / 10} min`,
  /** `DAG grant, task promote, run manual` */
  actorText: ({ user, dag, task, run, attempt, dagFile }: Actor) =>
    Object.entries({ user, DAG: dag, task, run, attempt, 'DAG file': dagFile })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
};
