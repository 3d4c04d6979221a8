import { examine } from '../../../doctor/examine.ts';
import { defaultExpectations } from '../../../doctor/facts/facts.ts';
import { fixture } from '../../../doctor/fixtures/fixtures.ts';
import { knownValue } from '../../../doctor/fixtures/parts/change.ts';
import { createAsk } from '../../../doctor/observe/ask.ts';
import {
  detectionTexts,
  observeQueries,
  planTexts,
} from '../../../doctor/observe/observe-queries.ts';
import type { Observed } from '../../../doctor/shapes/observation.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { type Call, fakeAws, serviceError } from '../fake-aws.ts';
import { fixturePlan } from '../fixture-plan.ts';

function stateOf(name: string): Observed {
  const state = fixture(name);
  if (state === undefined) throw new Error(`there is no fixture ${name}`);
  return state;
}

/** The observed queries of an environment, the calls made, and the waits in milliseconds. */
async function observed(
  state: Observed,
  {
    change,
    plan = fixturePlan,
  }: { change?: (call: Call, usual: () => unknown) => unknown; plan?: ScanPlan } = {},
) {
  const { clients, calls } = fakeAws(state, change);
  const waitedMs: number[] = [];
  const timer = {
    monotonicMs: () => waitedMs.reduce((sum, one) => sum + one, 0),
    sleep: async (milliseconds: number) => void waitedMs.push(milliseconds),
  };
  const { mwaaEnvironment, nowEpochMs } = state;
  const options = { mwaaEnvironment, nowEpochMs, expectations: defaultExpectations, plan, timer };
  const queries = await observeQueries(createAsk(), clients, options, state.logGroups);
  const of = (action: string) => calls.filter((call) => call.action === `logs:${action}`);
  return { queries, calls, of, waitedMs };
}

function checkOf(state: Observed) {
  const check = examine(state).checks.find(({ id }) => id === 'query-accepted');
  if (check === undefined) throw new Error('the check did not run');
  return check;
}

const startedTexts = (calls: readonly Call[]) => calls.map(({ input }) => input.queryString);

test('queries cover one second, ten minutes ago, of all five groups', async () => {
  const state = stateOf('healthy');
  const { of } = await observed(state);

  const startTime = Math.floor(state.nowEpochMs / 1000) - 600;
  for (const { input } of of('StartQuery')) {
    expect(input.startTime).toBe(startTime);
    expect([startTime, startTime + 1]).toContain(input.endTime);
    expect(input.logGroupNames).toEqual(
      logTypes.map((logType) => logGroupName(state.mwaaEnvironment, logType)),
    );
  }
  expect(startedTexts(of('StartQuery'))).toEqual(
    planTexts(fixturePlan).map(({ queryString }) => queryString),
  );
});

test.each([
  ['is younger than the second', { creationTime: Date.UTC(2026, 10, 22, 5, 50, 1) }],
  ['cannot be queried', { logGroupClass: 'DELIVERY' }],
])('a log group that %s is left out', async (_case, changed) => {
  const state = stateOf('healthy');
  const [first] = knownValue(state.logGroups);
  Object.assign(first ?? {}, changed);
  const { of } = await observed(state);

  for (const { input } of of('StartQuery')) {
    expect(input.logGroupNames).not.toContain(first?.logGroupName);
    expect(input.logGroupNames).toHaveLength(logTypes.length - 1);
  }
});

test.each([
  ['healthy', 0],
  ['documented-refused', 0],
  ['queries-fail', 0],
  ['query-denied', 0],
  ['queries-queue', 0],
  ['pack-refused', 3],
  ['pack-fails', 3],
])('for %s, %d detections are tried alone', async (name, count) => {
  const { of } = await observed(stateOf(name));

  const alone = detectionTexts(fixturePlan).map(({ queryString }) => queryString);
  expect(startedTexts(of('StartQuery')).slice(2)).toEqual(alone.slice(0, count));
});

test('a query that does not end within half a minute is stopped', async () => {
  const { of, waitedMs, queries } = await observed(stateOf('queries-queue'));

  const totalMs = waitedMs.reduce((sum, one) => sum + one, 0);
  expect(totalMs).toBeGreaterThanOrEqual(25_000);
  expect(totalMs).toBeLessThanOrEqual(35_000);
  expect(of('StopQuery').map(({ input }) => input.queryId)).toHaveLength(1);
  expect(knownValue(queries)?.trials.map(({ end }) => end?.kind)).toEqual(['known', 'known']);
});

test('a query whose results are denied is stopped, and recorded as started', async () => {
  const change = ({ action }: Call, usual: () => unknown) => {
    if (action === 'logs:GetQueryResults') throw serviceError('AccessDeniedException');
    return usual();
  };
  const { of, queries } = await observed(stateOf('healthy'), { change });

  expect(of('StopQuery')).toHaveLength(2);
  expect(knownValue(queries)?.trials.map(({ start, end }) => [start.kind, end?.kind])).toEqual([
    ['known', 'denied'],
    ['known', 'denied'],
  ]);
});

test('a query that ended is not stopped', async () => {
  expect((await observed(stateOf('healthy'))).of('StopQuery')).toEqual([]);
});

test('at most a hundred detections are tried alone; the others are listed and not a pass', async () => {
  const ids = Array.from({ length: 130 }, (_, at) => `d${at}`);
  const plan: ScanPlan = {
    ...fixturePlan,
    candidates: ids.map((id) => ({
      ...{ id, filter: `@message like "${id}"` },
      condition: { field: 'message', contains: id },
    })),
  };
  const [, pack] = planTexts(plan);
  const change = ({ action, input }: Call) => {
    if (action !== 'logs:StartQuery') return { status: 'Complete' };
    if (input.queryString === pack?.queryString) throw serviceError('MalformedQueryException');
    return { queryId: 'q' };
  };
  const { queries } = await observed(stateOf('healthy'), { change, plan });

  const { trials = [], notTried } = knownValue(queries) ?? {};
  expect(trials.slice(2).flatMap(({ detections }) => detections)).toEqual(ids.slice(0, 100));
  expect(notTried).toEqual(ids.slice(100));
  const { evidence } = checkOf({ ...stateOf('healthy'), queries });
  expect(evidence).toContain(`these detections were not tried alone: ${ids.slice(100).join(', ')}`);
});
