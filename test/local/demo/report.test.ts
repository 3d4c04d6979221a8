import { stateSpans } from '../../../local/demo/report/charts.ts';
import { renderReport } from '../../../local/demo/report/render-report.ts';
import type { DemoResult } from '../../../local/demo/result/demo-result.ts';
import {
  minuteMs,
  sampleFinding,
  sampleGroup,
  sampleResult,
  startEpochMs,
} from './sample-result.ts';

/** Three ticks without the monitor; the next one reads four minutes, and a late change. */
function disturbedResult(): DemoResult {
  const base = sampleResult();
  const at = (minute: number) => startEpochMs + minute * minuteMs;
  const ticks = base.ticks.map((tick, index) =>
    index >= 1 && index <= 3
      ? { ...tick, missed: true as const }
      : {
          ...tick,
          reading: {
            spans: [
              {
                lane: 'scan' as const,
                startEpochMs: at(index === 4 ? -5 : index - 6),
                endEpochMs: at(index === 4 ? -1 : index - 5),
                logGroups: 1,
              },
            ],
          },
        },
  );
  return {
    ...base,
    ticks,
    outage: { startEpochMs: at(1), endEpochMs: at(4), ticks: 3 },
    sweepReachMinutes: { near: 8, far: 15 },
    logGroups: [sampleGroup({ lateWithAddRole: 1, eventsWithAddRole: 8 })],
    lateChanges: [
      {
        findingId: sampleFinding().id,
        title: sampleFinding().title,
        severity: 'critical',
        lane: 'far',
        happenedEpochMs: at(-10),
        cameEpochMs: at(3),
        scannedTickEpochMs: at(0),
        foundTickEpochMs: at(4),
        places: [],
        addRoleEvents: { 'airflow-Prod-Task': 1 },
      },
    ],
    sumOfLateChanges: 1,
  };
}

const hostileTexts = [
  ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['attribute breakers', `"'><svg onload=alert(1)>`],
  ['NUL', 'before\0after'],
  ['a lone surrogate', 'before\ud800after'],
  ['ANSI and CRLF', '\u001b[2J\u001b]0;title\u0007\r\n'],
  ['a direction override', '\u202egnp.exe'],
  ['template syntax', '<%= process.env %> {{ x }} <%~ it %>'],
  ['a quarter of a megabyte', 'x'.repeat(256 * 1024)],
] as const;

describe('the report', () => {
  test('shows the numbers of the run and loads nothing', async () => {
    const page = await renderReport(sampleResult());
    expect(page).toContain('<dd id="matches">7</dd>');
    expect(page).toContain('<dd id="events">200</dd>');
    expect(page).toContain('The sums agree.');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/i);
    // The names of XML namespaces are not loaded.
    expect(page.replaceAll(/ xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:\/\//);
  });

  test.each(hostileTexts)('a log message with %s changes nothing but itself', async (_, text) => {
    const sample = (message: string) =>
      sampleResult({
        logGroups: [
          sampleGroup({ samples: [{ logStream: 's', timestamp: startEpochMs, message }] }),
        ],
      });
    const [harmless, hostile] = await Promise.all([
      renderReport(sample('MESSAGE')),
      renderReport(sample(text)),
    ]);
    const [before = '', after = ''] = harmless.split('MESSAGE');
    expect(hostile.startsWith(before)).toBe(true);
    expect(hostile.endsWith(after)).toBe(true);
    const shown = hostile.slice(before.length, hostile.length - after.length);
    expect(shown).not.toMatch(/[<>"'\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(shown.length).toBeLessThan(2_000);
  });

  test.each(hostileTexts)('a finding with %s changes nothing but itself', async (_, text) => {
    const [line] = sampleFinding().evidence;
    const withText = (message: string) =>
      sampleResult({
        findings: [sampleFinding({ evidence: line === undefined ? [] : [{ ...line, message }] })],
      });
    const [harmless, hostile] = await Promise.all([
      renderReport(withText('MESSAGE')),
      renderReport(withText(text)),
    ]);
    const [before = '', after = ''] = harmless.split('MESSAGE');
    expect(hostile.startsWith(before)).toBe(true);
    expect(hostile.endsWith(after)).toBe(true);
  });

  test('a run without findings says so', async () => {
    const page = await renderReport(sampleResult({ findings: [] }));
    expect(page).toContain('None at or above the severity that is notified.');
  });

  test('hostile names reach no chart as markup', async () => {
    const name = '</text><script>alert(1)</script>\0\ud800';
    const { alarms } = sampleResult();
    const page = await renderReport(
      sampleResult({
        mwaaEnvironment: name,
        logGroups: [sampleGroup({ logGroup: name, logType: name })],
        alarms: alarms.map((alarm) => ({ ...alarm, label: name })),
        findings: [
          sampleFinding({ title: name, detections: [name], target: name, actor: { dag: name } }),
        ],
      }),
    );
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/[\0\p{Cs}]/u);
  });

  test('an undisturbed run has no section about outages and late changes', async () => {
    expect(await renderReport(sampleResult())).not.toContain('What was missed or late');
  });

  test('an outage is shown with the tick that caught up, a late change with the sweep that found it', async () => {
    const page = await renderReport(disturbedResult());
    expect(page).toContain('From 05:48:00 to 05:51:00 the monitor did not run: 3 ticks.');
    expect(page).toContain('at 05:51:00, read 4 min of every log group in one slice');
    expect(page).toMatch(
      /13 min<\/td><td class="nowrap">far sweep<\/td><td class="nowrap">05:51:00/,
    );
    expect(page).toContain('<th class="number">of these late</th>');
  });

  test.each(hostileTexts)(
    'a late change and a notice of the monitor with %s change nothing but themselves',
    async (_, text) => {
      const [harmless, hostile] = await Promise.all(
        ['TITLE', text].map((title) => {
          const { lateChanges, ...result } = disturbedResult();
          return renderReport({
            ...result,
            lateChanges: lateChanges.map((change) => ({ ...change, title })),
            ownFindings: [sampleFinding({ title, isOwn: true })],
          });
        }),
      );
      // The chart's description, the table cell and the notice.
      expect(harmless?.split('TITLE')).toHaveLength(4);
      expect(hostile?.length).toBeLessThan((harmless?.length ?? 0) + 5_000);
      expect(hostile).not.toMatch(/<script|<img|<svg onload|[^\P{Cc}\n]|\p{Cs}/u);
    },
  );

  test('a disagreement replaces the all-clear', async () => {
    const page = await renderReport(
      sampleResult({ disagreements: ['airflow-Prod-Task: off by 1'] }),
    );
    expect(page).toContain('airflow-Prod-Task: off by 1');
    expect(page).not.toContain('The sums agree.');
  });
});

describe('stateSpans', () => {
  test('cover the whole run without gaps, from insufficient data on', () => {
    const changes = [
      { atEpochMs: startEpochMs + minuteMs, state: 'OK', reason: '' },
      { atEpochMs: startEpochMs + 3 * minuteMs, state: 'ALARM', reason: '' },
    ] as const;
    expect(stateSpans({ changes }, startEpochMs, startEpochMs + 4 * minuteMs)).toEqual([
      {
        state: 'INSUFFICIENT_DATA',
        startEpochMs,
        endEpochMs: startEpochMs + minuteMs,
      },
      {
        state: 'OK',
        startEpochMs: startEpochMs + minuteMs,
        endEpochMs: startEpochMs + 3 * minuteMs,
      },
      {
        state: 'ALARM',
        startEpochMs: startEpochMs + 3 * minuteMs,
        endEpochMs: startEpochMs + 4 * minuteMs,
      },
    ]);
  });
});
