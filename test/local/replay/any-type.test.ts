import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanPlan } from '../../../infra/function/scan-plan.ts';
import type { Evidence, Finding } from '../../../lambda/model/finding.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import { severityRank } from '../../../lambda/model/severity.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { unknownTypeGroup } from '../../../local/log-readers/report/read-report.ts';
import { AnyTypeVerdicts } from '../../../local/log-threads/any-type-verdicts.ts';
import {
  askedAsAnyType,
  type ReplayOptions,
  replayLogs,
} from '../../../local/replay/replay-logs.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { maxQueryCharacters } from '../../../query-language/parser/parse-query.ts';
import { sessionReplay } from './session-replay.ts';

const detections = loadDetections();
const plan = scanPlan(detections, { detections: { disable: [] }, approvedChanges: [] });
const folder = mkdtempSync(join(tmpdir(), 'any-type-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(detections.map((detection) => [detection.id, detection] as const))(
  'each line of %s is found in a file whose name shows no type',
  async (id, { tests: { matches } }) => {
    const verdicts = new AnyTypeVerdicts(plan.candidates);
    for (const { message } of matches) {
      const file = join(folder, 'airflow.log');
      writeFileSync(file, `[2026-11-22T05:47:00.000+0000] {a.py:1} INFO - x\n${message}\n`);
      const found: string[] = [];
      for await (const event of readLogs(file)) {
        found.push(...verdicts.decide({ ...event, log: `1:${event.logGroup}` }).detections);
      }
      expect({ message, found }).toEqual({ message, found: expect.arrayContaining([id]) });
    }
  },
);

test('an event of a known type is decided as the monitor does', () => {
  const message = '10.0.0.1 - - [22/Nov/2026:05:50:12 +0000] "POST /users/edit/6 HTTP/1.1" 302 249';
  for (const logType of logTypes) {
    const logGroup = `airflow-Prod-${logType}`;
    const event = { message, logGroup, log: `1:${logGroup}`, logStream: 's' };
    const decided = new AnyTypeVerdicts(plan.candidates).decide(event);
    expect(decided).toEqual(new Verdicts(plan.candidates).decide(event));
  }
});

describe("a session's lines without their log types", () => {
  type Lines = ReadonlyMap<string, readonly Finding[]>;
  let withTypes: Lines;
  let without: Lines;

  /** The findings about each line. */
  async function findingsByLine(
    events: readonly LogEvent[],
    options: ReplayOptions,
    keyOf: (evidence: Evidence) => string,
  ): Promise<Lines> {
    const engine = await InsightsEngine.open();
    try {
      await engine.load(events);
      const { findings } = await replayLogs(engine, options);
      const found = findings.flatMap((finding) =>
        finding.evidence.map((evidence): [string, Finding] => [keyOf(evidence), finding]),
      );
      const grouped = Map.groupBy(found, ([key]) => key);
      return new Map([...grouped].map(([key, all]) => [key, all.map(([, finding]) => finding)]));
    } finally {
      engine.close();
    }
  }

  beforeAll(async () => {
    const { session, options } = sessionReplay('3.0.6');
    const unknown = unknownTypeGroup(options.settings.environment);
    const streamOf = ({ logGroup, logStream }: Pick<LogEvent, 'logGroup' | 'logStream'>) =>
      `${logGroup} ${logStream}`;
    const keyOf = (stream: string, { timestamp, message }: Evidence) =>
      `${stream} ${timestamp} ${message}`;
    withTypes = await findingsByLine(session.events, options, (one) => keyOf(streamOf(one), one));
    without = await findingsByLine(
      session.events.map((event) => ({ ...event, logGroup: unknown, logStream: streamOf(event) })),
      { ...options, logGroups: [], unknownTypeGroup: unknown },
      (one) => keyOf(one.logStream, one),
    );
  });

  const worst = (findings: readonly Finding[]) =>
    Math.max(...findings.map(({ severity }) => severityRank(severity)));

  test('show every change that they show with them, at least as severe', () => {
    expect(withTypes.size).toBeGreaterThan(100);
    for (const [line, findings] of withTypes) {
      expect({ line, worst: worst(without.get(line) ?? []) }).toEqual({
        line,
        worst: Math.max(worst(findings), worst(without.get(line) ?? [])),
      });
    }
  });

  test('give no line more findings than with them', () => {
    for (const [line, findings] of without) {
      const most = Math.max(1, withTypes.get(line)?.length ?? 0);
      expect({ line, findings: findings.length }).toEqual({
        line,
        findings: Math.min(most, findings.length),
      });
    }
  });
});

test('a query that is as long as StartQuery accepts runs for every type', async () => {
  const engine = await InsightsEngine.open();
  try {
    const logGroup = unknownTypeGroup('Prod');
    const timestamp = Date.UTC(2026, 10, 22);
    await engine.load([{ ...{ logGroup, logStream: 's', timestamp }, message: 'a task' }]);
    const start = 'fields @log, @message | filter @message like "task" or @message like "';
    const { rows } = await askedAsAnyType(engine).run({
      queryString: `${start}${'x'.repeat(maxQueryCharacters - start.length - 1)}"`,
      logGroups: [logGroup],
      ...{ startEpochSeconds: timestamp / 1000, endEpochSeconds: timestamp / 1000 },
      nowEpochMs: timestamp,
    });
    expect(rows).toHaveLength(1);
  } finally {
    engine.close();
  }
});

test('an event found by the queries of several types appears once, in reading order', async () => {
  const engine = await InsightsEngine.open();
  try {
    const logGroup = unknownTypeGroup('Prod');
    const at = (timestamp: number, message: string) => ({
      ...{ logGroup, logStream: 's', timestamp, message },
    });
    const start = Date.UTC(2026, 10, 22);
    await engine.load([
      at(start, 'b web'),
      at(start, 'a task'),
      at(start, 'c both'),
      at(start - 1, 'd web'),
    ]);
    const { rows } = await askedAsAnyType(engine).run({
      queryString:
        'fields @timestamp, @log, @message | filter (@message like /web|both/ and @log like /-WebServer$/) or (@message like /task|both/ and @log not like /-(WebServer|Worker)$/) | sort @timestamp asc | limit 100',
      logGroups: [logGroup],
      ...{ startEpochSeconds: start / 1000 - 1, endEpochSeconds: start / 1000, nowEpochMs: start },
    });
    const cells = rows.map((row) => row.map(({ value }) => value));
    expect(cells.map(([, , message]) => message)).toEqual(['d web', 'b web', 'a task', 'c both']);
    expect(cells[0]?.[1]).toContain('-Unknown');
  } finally {
    engine.close();
  }
});
