import { observeEvent } from '../../../lambda/lines/event-identity.ts';
import { defaultCorrelateSeconds } from '../../../lambda/model/correlation-state.ts';
import type { ObservedEvent } from '../../../lambda/model/signal.ts';
import { detectionsById } from '../../../lambda/plan/detections-by-id.ts';
import { deriveFindings } from '../../../local/replay/derive-findings.ts';
import { sessionReplay } from './session-replay.ts';

const { plan, options } = sessionReplay('2.10.3');
const { settings, region } = options;
const detections = detectionsById(plan);

const outcomeOf = (second: number, user: string, dag: string): ObservedEvent =>
  observeEvent(
    {
      logGroup: 'airflow-Prod-Task',
      logStream: `dag_id=${dag}/run_id=r/task_id=t/attempt=1.log`,
      timestamp: Date.UTC(2026, 10, 22) + second * 1000,
      message: `[2026-11-22T00:00:00.000+0000] {subprocess.py:106} INFO - User "${user}" added to role "Admin"`,
      detections: plan.candidates.map(({ id }) => id).filter((id) => id === 'cli-role-granted'),
    },
    { detections },
  );

const lines = [outcomeOf(20, 'bob', 'weekly'), outcomeOf(0, 'eve', 'daily')];

function derive(isApproved?: Parameters<typeof deriveFindings>[1]['isApproved']) {
  return deriveFindings(lines, {
    ...{ detections, settings, region, detectedAtEpochMs: 0 },
    ...(isApproved && { isApproved }),
  });
}

test('findings are ordered by their first lines, for any order of the lines', () => {
  expect(settings.correlateSeconds).toBe(defaultCorrelateSeconds);
  const { findings, approved, matchedEvents } = derive();
  expect(findings.map(({ target }) => target)).toEqual(['eve', 'bob']);
  expect(approved).toEqual([]);
  expect(matchedEvents).toBe(2);
  expect(
    deriveFindings(lines.toReversed(), {
      ...{ detections, settings, region, detectedAtEpochMs: 0 },
    }),
  ).toEqual(derive());
});

test('approved changes are returned separately, and nothing else changes', () => {
  const { findings, approved } = derive(({ targets }) => targets.includes('eve'));
  expect(approved.map(({ target }) => target)).toEqual(['eve']);
  expect([...approved, ...findings]).toEqual(derive().findings);
});
