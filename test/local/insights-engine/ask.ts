import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { EngineQuery, EngineResult } from '../../../local/insights-engine/engine-types.ts';
import type { LogEvent } from '../../../local/log-event.ts';

export const group = 'airflow-Test-Task';

/** 2026-01-01T00:00:00Z. */
export const startEpochMs = 1_767_225_600_000;

/** One event per second, in one stream. */
export function eventsOf(messages: readonly string[], logGroup = group): LogEvent[] {
  return messages.map((message, at) => ({
    logGroup,
    logStream: 'stream',
    timestamp: startEpochMs + at * 1000,
    ingestionTime: startEpochMs + at * 1000 + 250,
    message,
  }));
}

/** An engine with one event per message. */
export async function engineWith(messages: readonly string[]): Promise<InsightsEngine> {
  const engine = await InsightsEngine.open();
  await engine.createLogGroup(group, startEpochMs);
  await engine.load(eventsOf(messages));
  return engine;
}

/** Runs a query over all events. */
export function run(
  engine: InsightsEngine,
  queryString: string,
  overrides: Partial<EngineQuery> = {},
): Promise<EngineResult> {
  return engine.run({
    queryString,
    logGroups: [group],
    startEpochSeconds: startEpochMs / 1000,
    endEpochSeconds: startEpochMs / 1000 + 86_400,
    nowEpochMs: startEpochMs + 86_400_000,
    ...overrides,
  });
}

/** A result's rows as objects, without `@ptr`. */
export async function ask(
  engine: InsightsEngine,
  queryString: string,
  overrides: Partial<EngineQuery> = {},
): Promise<readonly Readonly<Record<string, string>>[]> {
  const { rows } = await run(engine, queryString, overrides);
  return rows.map((cells) =>
    Object.fromEntries(
      cells.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value]),
    ),
  );
}

/** The value of an expression over the newest event; undefined if it is missing. */
export async function evaluate(
  engine: InsightsEngine,
  expression: string,
): Promise<string | undefined> {
  const [row] = await ask(engine, `fields ${expression} as answer | display answer | limit 1`);
  return row?.answer;
}
