import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Actor } from '../../../lambda/model/finding.ts';
import { visibleTextUpTo } from '../../visible-text.ts';
import type { DemoResult } from '../result/demo-result.ts';
import { alarmChart } from './alarm-chart.ts';
import { disturbanceFacts } from './disturbance-facts.ts';
import { findingChart, shownSeverities } from './finding-chart.ts';
import { readingChart } from './reading-chart.ts';
import { renderChart } from './render-chart.ts';
import { timelineChart } from './timeline-chart.ts';

const maxCharactersShown = 600;

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
  return visibleTextUpTo(String(value), maxCharactersShown).replace(
    /[&<>"']/g,
    (character) => entities.get(character) ?? '',
  );
}

function readTextBeside(file: string): Promise<string> {
  return readFile(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
}
