import { renderReport } from '../../../local/demo/report/render-report.ts';
import { stateSpans } from '../../../local/demo/report/state-spans.ts';
import {
  minuteMs,
  sampleFinding,
  sampleGroup,
  sampleResult,
  startEpochMs,
} from './sample-result.ts';

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
    // The names of XML namespaces are no addresses.
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
    expect(page).toContain('None at or above the severity that people are told of.');
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
