import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { minuteMs, secondMs } from '../../../lambda/common/time.ts';
import { findingSchema } from '../../../lambda/model/finding.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { type QueryRunner, replayLogs } from '../../../local/replay/replay-logs.ts';
import { type SessionVersion, sessionVersions } from '../../fixtures/sessions/labelled-session.ts';
import { recordedAnswers } from './recorded-answers.ts';
import { scoreFindings } from './score-findings.ts';
import { sessionReplay } from './session-replay.ts';

/** By session, how many findings it gives, and the hash of their ids. */
const knownIds: Readonly<Record<SessionVersion, [findings: number, sha256: string]>> = {
  '2.10.3': [117, 'ecd9f951d3b3a164'],
  '3.0.6': [91, '867b255c6ace62d2'],
};

describe.each(sessionVersions)('the recorded session of Airflow %s', (version) => {
  const { session, plan, options } = sessionReplay(version);
  const { logGroups, nowEpochMs } = options;

  let engine: InsightsEngine;
  /** The engine's results over the whole session, cut to the requested part. */
  let answers: QueryRunner;
  let whole: Awaited<ReturnType<typeof replayLogs>>;

  beforeAll(async () => {
    engine = await InsightsEngine.open();
    await engine.load(session.events);
    answers = await recordedAnswers(engine, { plan, logGroups, nowEpochMs, ...options.range });
    whole = await replayLogs(answers, options);
  });
  afterAll(() => engine.close());

  test('every change is found, none are merged, and nothing benign alerts', () => {
    const { changes, findingsPerChange, ...wrong } = scoreFindings(whole.findings, session);
    expect(wrong).toEqual({
      missed: [],
      falseFindings: [],
      merged: [],
      tooMild: [],
      loudAttempts: [],
      wrongNames: [],
    });
    expect(changes).toBeGreaterThan(50);
    expect(findingsPerChange).toBeLessThanOrEqual(1.6);
  });

  test('docs/coverage.md has the measured numbers', () => {
    const { changes, missed, findingsPerChange, falseFindings } = scoreFindings(
      whole.findings,
      session,
    );
    const rows = readFileSync('docs/coverage.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`| ${version} |`))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const [ofQuery, ofPack] = rows;
    expect(ofQuery?.slice(2, 3)).toEqual([session.events.length.toLocaleString('en-US')]);
    expect(ofQuery?.slice(5, 6)).toEqual([String(changes)]);
    expect(ofPack?.slice(2, 6)).toEqual([
      String(changes),
      String(changes - missed.length),
      findingsPerChange.toFixed(2),
      String(falseFindings.length),
    ]);
  });

  test('a line that failed is in no finding that says that it succeeded', () => {
    const failed = new Set(
      session.labels
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ line }) => session.events[line - 1])
        .map((event) => `${event?.logStream} ${event?.timestamp}`),
    );
    const outcomes = whole.findings.flatMap(({ outcome, evidence }) =>
      evidence
        .map(({ logStream, timestamp }) => `${logStream} ${Date.parse(timestamp)}`)
        .filter((place) => failed.has(place))
        .map(() => outcome),
    );
    expect(outcomes.length).toBeGreaterThan(20);
    expect(outcomes).not.toContain('succeeded');
  });

  test('each finding has a unique id and is more than evidence', () => {
    expect(new Set(whole.findings.map(({ id }) => id)).size).toBe(whole.findings.length);
    expect(whole.findings.filter(({ severity }) => severity === 'info')).toEqual([]);
    for (const finding of whole.findings) expect(findingSchema.parse(finding)).toEqual(finding);
  });

  // Ids are in mails and in the ledger: a finding whose id changes is notified again.
  test('the ids of the findings never change', () => {
    const ids = whole.findings.map(({ id }) => id).toSorted();
    const sha256 = createHash('sha256').update(ids.join()).digest('hex');
    expect([ids.length, sha256.slice(0, 16)]).toEqual(knownIds[version]);
  });

  test.each([7, 60, 300, 3600])('slices of %i seconds find the same', async (seconds) => {
    const cut = await replayLogs(answers, { ...options, sliceMs: seconds * secondMs });
    expect(cut.findings).toEqual(whole.findings);
  });

  test('the engine finds the same when queried in slices', async () => {
    const cut = await replayLogs(engine, { ...options, sliceMs: 10 * minuteMs });
    expect(cut.findings).toEqual(whole.findings);
  });

  test('no password of the logs is in any finding', () => {
    expect(session.events.some(({ message }) => message.includes('Fake-pw'))).toBe(true);
    expect(JSON.stringify(whole.findings)).not.toContain('Fake-pw');
  });
});
