/**
 * Opens a report in Chromium, checks that people can read and use it, and compares a demo's report with
 * the run's `result.json`.
 *
 *     node test/browser/report-check.ts demo-output
 *     node test/browser/report-check.ts report.html     # of a replay
 *
 * Saves pictures of a demo's report beside it, light and dark, 1400 and 390 pixels wide. Exit code 1 when
 * a check fails.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { visibleText } from '../../local/visible-text.ts';
import { openBrowser } from './open-browser.ts';
import { checkRules } from './page-rules.ts';

const given = resolve(process.argv[2] ?? 'demo-output');
const isDemo = !given.endsWith('.html');
const reportUrl = pathToFileURL(isDemo ? join(given, 'report.html') : given).href;

const complaints: string[] = [];
const requests: string[] = [];
const browser = await openBrowser();
let failed = 0;
let passed = 0;
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(reportUrl);
  if (isDemo) {
    await compareWithResult(page, JSON.parse(readFileSync(join(given, 'result.json'), 'utf8')));
  }
  check('the console is empty', complaints, []);
  check('nothing but the file itself is requested', requests, [reportUrl]);
  await checkRules(browser, reportUrl, check, (look) =>
    isDemo ? join(given, `report-${look}.png`) : undefined,
  );
} finally {
  await browser.close();
}
console.log(`Tests: ${failed} failed, ${passed} passed, ${failed + passed} total`);
process.exitCode = failed === 0 ? 0 : 1;

async function compareWithResult(page: Page, result: DemoResult): Promise<void> {
  const count = (value: number) => value.toLocaleString('en');
  const time = (epochMs: number) => new Date(epochMs).toISOString().slice(11, 19);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const { logGroups, notifications, alarms, lateChanges } = result;
  const hasLate = logGroups.some(({ lateWithAddRole }) => lateWithAddRole > 0);

  check(
    'a row for every log group, with the numbers of the run',
    await tableRows(page, '#log-groups'),
    logGroups.map((group) => [
      group.logGroup,
      count(group.events),
      count(group.eventsWithAddRole),
      ...(hasLate ? [count(group.lateWithAddRole)] : []),
      count(group.sumOfMatches),
      group.alarmedEpochMs === undefined ? '–' : `ALARM ${time(group.alarmedEpochMs)}`,
      group.notifiedEpochMs === undefined ? '–' : time(group.notifiedEpochMs),
      count(group.findings),
    ]),
  );
  check('the number of events read', await text(page, '#events'), count(result.events));
  check(
    'the sum of the metric over all groups',
    await text(page, '#matches'),
    count(sum(logGroups.map((group) => group.sumOfMatches))),
  );
  check(
    'every notification, in order of time',
    (await tableRows(page, '#notifications')).map(([at, state]) => [at, state]),
    notifications.map(({ atEpochMs, state }) => [time(atEpochMs), state]),
  );
  check(
    'every finding, by time, severity and title',
    await findingSummaries(page),
    result.findings.map(({ firstSeen, severity, title, late }) => {
      return `${firstSeen.slice(11, 19)} ${severity} ${visibleText(title)}${late ? ' late' : ''}`;
    }),
  );
  check(
    'the chart of findings has a mark for each',
    await page.locator('#finding-chart svg .mark').count(),
    result.findings.length,
  );
  check('the verdict', (await text(page, '#verdict')).startsWith('The sums agree'), true);

  check(
    'every late change, with the sweep that found it and when it was notified',
    (await tableRows(page, '#late-changes')).map((cells) => [cells.at(-2), cells.at(-1)]),
    lateChanges.map(({ lane, foundTickEpochMs }) => [`${lane} sweep`, time(foundTickEpochMs)]),
  );
  const spans = result.ticks.flatMap(({ reading }) => reading?.spans ?? []);
  const isDisturbed = result.outage !== undefined || lateChanges.length > 0;
  check(
    'the chart of what was read has a bar for every span of a tick',
    await page.locator('#reading svg .lane').count(),
    isDisturbed ? spans.length : 0,
  );
  const timeline = await text(page, '#timeline');
  check(
    'the timeline names every log group',
    logGroups.filter(({ logType }) => !timeline.includes(logType)),
    [],
  );
  const alarmStates = await text(page, '#alarm-states');
  check(
    'the alarm chart names every alarm',
    alarms.filter(({ label }) => !alarmStates.includes(label)),
    [],
  );
  check(
    'the timeline has a visible bar for every tick with matches',
    await visibleBars(page),
    sum(logGroups.map((group) => group.matchesByTick.filter(({ matches }) => matches > 0).length)),
  );
}

async function text(page: Page, selector: string): Promise<string> {
  return ((await page.textContent(selector)) ?? '').trim();
}

async function findingSummaries(page: Page): Promise<string[]> {
  const summaries = await page.locator('#findings summary').allInnerTexts();
  return summaries.map((summary) => summary.replace(/\s+/g, ' ').trim());
}

async function tableRows(page: Page, table: string): Promise<string[][]> {
  const rows = await page.locator(`${table} tbody tr`).all();
  return Promise.all(
    rows.map(async (row) => {
      const cells = await row.locator('td').allInnerTexts();
      return cells.map((cell) => cell.trim());
    }),
  );
}

async function visibleBars(page: Page): Promise<number> {
  const bars = await page.locator('#timeline svg .bar').all();
  const boxes = await Promise.all(bars.map((bar) => bar.boundingBox()));
  return boxes.filter((box) => box !== null && box.width > 0 && box.height > 2).length;
}

function check(rule: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) {
    passed++;
    console.log(`ok      ${rule}`);
    return;
  }
  failed++;
  console.log(`FAILED  ${rule}`);
  console.log(`        found    ${JSON.stringify(found)}`);
  console.log(`        expected ${JSON.stringify(expected)}`);
}
