import { stateSpans } from '../../../local/demo/report/charts.ts';
import {
  type ReplayReport,
  renderReplayReport,
  renderReport,
} from '../../../local/demo/report/render-report.ts';
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
    expect(page).toContain('<th scope="col" class="number">of these late</th>');
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

  test('the addresses of a mail are links, and nothing else of it is markup', async () => {
    const text =
      'See <i>\nLog stream: https://example.com/a?b=1&c="x\nfile:///docs/x.md hxxps[:]//evil[.]com';
    const mail = {
      ...{ atEpochMs: startEpochMs, subject: '<i>', text, kind: 'finding' as const },
      findingIds: [],
    };
    const page = await renderReport(sampleResult({ mails: [mail] }));
    expect(page).toContain('See &lt;i&gt;\n');
    expect(page).toMatch(/href="https:\/\/example\.com\/a\?b=1&amp;c=&quot;x">/);
    expect(page).toContain('<a href="file:///docs/x.md">file:///docs/x.md</a> hxxps[:]//evil');
    expect(page).not.toContain('<i>');
  });

  test('a disagreement replaces the all-clear', async () => {
    const page = await renderReport(
      sampleResult({ disagreements: ['airflow-Prod-Task: off by 1'] }),
    );
    expect(page).toContain('airflow-Prod-Task: off by 1');
    expect(page).not.toContain('The sums agree.');
  });
});

/** Two findings of one log group and one of another. */
function sampleReplay(changes: Partial<ReplayReport> = {}): ReplayReport {
  const finding = (at: number, logGroup: string, severity: 'critical' | 'low') => ({
    ...sampleFinding({ logGroup, severity, id: String(at).repeat(32) }),
    detections: [`detection-${at}`],
  });
  const group = (logGroup: string, findings: number) => ({
    ...{ logGroup, findings, events: 100, eventsWithAddRole: 3 },
    bars: [{ startEpochMs, endEpochMs: startEpochMs + minuteMs, matches: 3 }],
  });
  return {
    mwaaEnvironment: 'Prod',
    source: 'logs/',
    events: 200,
    matchedEvents: 9,
    findings: [
      finding(1, 'airflow-Prod-Task', 'critical'),
      finding(2, 'airflow-Prod-Worker', 'low'),
      finding(3, 'airflow-Prod-Task', 'low'),
    ],
    approved: [],
    logGroups: [group('airflow-Prod-Task', 2), group('airflow-Prod-Worker', 1)],
    span: { startEpochMs, endEpochMs: startEpochMs + 10 * minuteMs },
    ...changes,
  };
}

describe('the report of a replay', () => {
  test('has the findings and log groups, and nothing of ticks, alarms and mails', async () => {
    const page = await renderReplayReport(sampleReplay());
    expect(page).toContain('<dd id="finding-count">3</dd>');
    expect(page).toContain('<dd id="events-with-add-role">6</dd>');
    expect(page).toContain('<dd id="matched-events">9</dd>');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|undefined|NaN/i);
    expect(page).not.toMatch(/id="(?:alarm-states|notifications|verdict)"/);
  });

  test('links a finding to its mark, its log group and the next finding there, and back', async () => {
    const page = await renderReplayReport(sampleReplay());
    const body = (at: number) =>
      page.split(`<div id="finding-${String(at).repeat(32)}"`)[1]?.split('</details>')[0];
    expect(body(1)).toContain('href="#group-0"');
    expect(body(1)).toContain('href="#mark-0"');
    expect(body(1)).toContain(`href="#finding-${'3'.repeat(32)}"`);
    expect(body(2)).toContain('href="#group-1"');
    expect(body(2)).not.toContain('the next finding');
    expect(page).toMatch(/<a id="mark-0"[^>]* href="#finding-1{32}"/);
    expect(page).toMatch(/<tr id="group-0">.*href="#finding-1{32}">2</);
  });

  test('counts by severity, detection and log group what the filters hide', async () => {
    const page = await renderReplayReport(sampleReplay());
    expect(page).toContain('</span>1 critical</label>');
    expect(page).toContain('</span>2 low</label>');
    expect(page).not.toContain('id="only-s-high"');
    expect(page).toContain('airflow-Prod-Task (2)</option>');
    expect(page).toContain('detection-2 (1)</option>');
    expect(page).toContain('main:has(#only-s-low:not(:checked)) .filtered.s-low');
    expect(page).toContain('main:has(#only-g0:checked) .filtered:not(.g0)');
  });

  test('shows dates if the logs are of more than one day', async () => {
    const span = { startEpochMs: startEpochMs - 86_400_000, endEpochMs: startEpochMs };
    const page = await renderReplayReport(sampleReplay({ span }));
    expect(page).toContain('>2026-11-22 05:46:40</span>');
  });

  test('says what could not be read, and lists approved changes apart', async () => {
    const page = await renderReplayReport(
      sampleReplay({ incomplete: '3 lines were left out', approved: [sampleFinding()] }),
    );
    expect(page).toContain('3 lines were left out; this report is about the rest.');
    expect(page).toContain('Approved in advance, not counted');
  });

  test.each(hostileTexts)(
    'a log group, a detection and a path with %s stay text',
    async (_, text) => {
      const { logGroups } = sampleReplay();
      const page = await renderReplayReport(
        sampleReplay({
          source: text,
          findings: [sampleFinding({ detections: [text], logGroup: text, title: text, id: text })],
          logGroups: logGroups.map((group) => ({ ...group, logGroup: text })),
        }),
      );
      expect(page).not.toMatch(/<script|<img|<svg onload|[^\P{Cc}\n]|\p{Cs}/u);
      expect(page.length).toBeLessThan(60_000);
    },
  );
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
