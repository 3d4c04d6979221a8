import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import type { Actor } from '../../../lambda/model/finding.ts';
import { visibleText, visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult } from '../result/demo-result.ts';
import {
  alarmChart,
  findingChart,
  renderChart,
  reportSpan,
  shownSeverities,
  timelineChart,
} from './charts.ts';
import { readingChart } from './reading-chart.ts';

/** How the monitor caught up after an outage. */
interface CatchUp {
  readonly tickEpochMs: number;
  /** How much event time the scan read in that tick. */
  readonly readMs: number;
  readonly slices: number;
  readonly scanLagSeconds?: number;
  /** Number of privilege changes notified in it. */
  readonly findings: number;
}

interface DisturbanceFacts {
  readonly periodMs: number;
  readonly catchUp?: CatchUp;
  /** When the alarm on the heartbeat fired for the outage. */
  readonly silentEpochMs?: number;
}

/** The facts about an outage: whether an alarm fired, and what the first tick after it did. */
export function disturbanceFacts(
  result: Pick<DemoResult, 'outage' | 'ticks' | 'everyMinutes' | 'findings' | 'alarms'>,
): DisturbanceFacts {
  const { outage, ticks, findings, alarms } = result;
  const { periodMs } = reportSpan(result);
  if (outage === undefined) return { periodMs };
  const silentEpochMs = alarms
    .filter(({ metricName }) => metricName === metricDefinitions.scanCompleted.name)
    .flatMap(({ changes }) => changes)
    .find(
      ({ state, atEpochMs }) => state === 'ALARM' && atEpochMs > outage.startEpochMs,
    )?.atEpochMs;
  const next = ticks.find(({ tickEpochMs }) => tickEpochMs >= outage.endEpochMs);
  const spans = next?.reading?.spans.filter(({ lane }) => lane === 'scan') ?? [];
  return {
    periodMs,
    ...(silentEpochMs !== undefined && { silentEpochMs }),
    ...(next && {
      catchUp: {
        tickEpochMs: next.tickEpochMs,
        readMs: spans.reduce(
          (sum, { startEpochMs, endEpochMs }) => sum + endEpochMs - startEpochMs,
          0,
        ),
        slices: spans.length,
        ...(next.reading?.scanLagSeconds !== undefined && {
          scanLagSeconds: next.reading.scanLagSeconds,
        }),
        findings: findings.filter(({ notifiedEpochMs }) => notifiedEpochMs === next.tickEpochMs)
          .length,
      },
    }),
  };
}

const maxCharactersShown = 600;
/** Of a mail: a digest may have 250,000, and its file has all of them. */
const mailCharactersShown = 20_000;

/**
 * The report of a demo run as one self-contained HTML page: no script, no network.
 *
 * Its text comes from logs, which attackers can write: everything the template inserts is made
 * visible, cut and escaped, and the page's content security policy forbids scripts and requests.
 */
export async function renderReport(result: DemoResult): Promise<string> {
  const [template, style, timeline, alarmStates, findings] = await Promise.all([
    readTextBeside('report.eta'),
    readTextBeside('report.css'),
    renderChart(timelineChart(result)),
    renderChart(alarmChart(result)),
    renderChart(findingChart(result)),
  ]);
  const eta = new Eta({ escapeFunction: escapeText, useWith: false });
  const disturbance = isDisturbed(result) ? await renderDisturbance(eta, result) : '';
  return eta.renderString(template, {
    ...{ result, style, timeline, alarmStates, findings, disturbance },
    ...formats,
    severities: shownSeverities,
  });
}

function isDisturbed({ outage, lateChanges }: DemoResult): boolean {
  return outage !== undefined || lateChanges.length > 0;
}

async function renderDisturbance(eta: Eta, result: DemoResult): Promise<string> {
  const [template, reading] = await Promise.all([
    readTextBeside('disturbance.eta'),
    renderChart(readingChart(result)),
  ]);
  return eta.renderString(template, { result, reading, ...disturbanceFacts(result), ...formats });
}

/** The template's formats of numbers and times. */
const formats = {
  count: (value: number) => value.toLocaleString('en'),
  /** `05:53:00` */
  time: (epochMs: number) => new Date(epochMs).toISOString().slice(11, 19),
  /** `2026-11-22 05:53` */
  minute: (epochMs: number) => new Date(epochMs).toISOString().slice(0, 16).replace('T', ' '),
  /** `7 min`, `8.5 min` */
  minutes: (ms: number) => `${Math.round(ms / 6_000) / 10} min`,
  isoTime: (epochMs: number) => new Date(epochMs).toISOString(),
  /** `DAG grant, task promote, run manual` */
  actorText: ({ user, dag, task, run, attempt, dagFile }: Actor) =>
    Object.entries({ user, DAG: dag, task, run, attempt, 'DAG file': dagFile })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  /** A text with its line breaks, as HTML: every other character that does not print is made visible. */
  lines: (text: string) =>
    text
      .slice(0, mailCharactersShown)
      .split('\n')
      .map((line) => escapeEntities(visibleText(line)))
      .join('\n'),
  total: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
};

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeText(value: unknown): string {
  return escapeEntities(visibleTextUpTo(String(value), maxCharactersShown));
}

function escapeEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities.get(character) ?? '');
}

function readTextBeside(file: string): Promise<string> {
  return readFile(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
}
