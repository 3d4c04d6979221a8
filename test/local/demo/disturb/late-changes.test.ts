import fc from 'fast-check';
import { minuteMs } from '../../../../lambda/common/time.ts';
import type { Finding } from '../../../../lambda/model/finding.ts';
import type { RuntimeConfig } from '../../../../lambda/plan/runtime-config.ts';
import { chooseLateChanges } from '../../../../local/demo/disturb/disturb-session.ts';
import { quickSweeps } from '../../../../local/demo/session/load-session.ts';
import { planTicks, readingTick } from '../../../../local/demo/session/ticks.ts';
import { sampleFinding } from '../../../lambda/setup/sample-finding.ts';

const start = Date.UTC(2026, 10, 22, 5, 47);
const config: RuntimeConfig = {
  mwaaEnvironment: 'Prod',
  ...quickSweeps(1),
  maxSliceMinutes: 60,
  silentAfterHours: 1,
  initialLookbackHours: 0,
  correlateSeconds: 180,
  alertAt: 'medium',
  findingsTopicArn: 'arn',
  ledgerTableName: 'Ledger',
};
const session = { firstEventEpochMs: start, lastEventEpochMs: start + 20 * minuteMs };

/** A finding of two lines, one second apart, the given seconds after the start. */
function finding(afterSeconds: number, changes: Partial<Finding> = {}): Finding {
  const [line] = sampleFinding.evidence;
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
  const lines = [afterSeconds, afterSeconds + 1].map((seconds) => ({
    ...(line ?? { logGroup: 'g', message: '', occurrences: 1 }),
    logStream: `stream-${afterSeconds}`,
    timestamp: at(seconds),
  }));
  return {
    ...sampleFinding,
    ...{ id: String(afterSeconds), firstSeen: at(afterSeconds), evidence: lines },
    ...changes,
  };
}

const spread = Array.from({ length: 19 }, (_, minute) => finding(minute * 60 + 20));
const plan = (outageMinutes = 0) => planTicks(session, config, { outageMinutes, untilSwept: true });

test('lines arrive after the scan and before the sweep that should find them, within its reach', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 6 }), (outage, count) => {
      const ticks = plan(outage);
      for (const late of chooseLateChanges(spread, count, ticks, config)) {
        const { lane, cameEpochMs, foundTickEpochMs } = late;
        const sweep = lane === 'near' ? config.nearSweep : config.farSweep;
        for (const { timestamp } of late.finding.evidence) {
          const at = Date.parse(timestamp);
          expect(readingTick('scan', at, ticks, config)).toBeLessThan(cameEpochMs);
          expect(readingTick(lane, at, ticks, config)).toBe(foundTickEpochMs);
          if (lane === 'far') {
            expect(readingTick('near', at, ticks, config)).toBeLessThan(cameEpochMs);
          }
        }
        expect(cameEpochMs).toBeLessThan(foundTickEpochMs);
        expect(cameEpochMs - Date.parse(late.finding.firstSeen)).toBeLessThanOrEqual(
          sweep.lagMinutes * minuteMs,
        );
      }
    }),
  );
});

test('both sweeps have something to find, starting with the far sweep', () => {
  const lanesOf = (count: number) =>
    chooseLateChanges(spread, count, plan(), config)
      .map(({ lane }) => lane)
      .sort();
  expect(lanesOf(1)).toEqual(['far']);
  expect(lanesOf(3)).toEqual(['far', 'far', 'near']);
});

test('all delayed changes are different', () => {
  const chosen = chooseLateChanges(spread, 6, plan(), config);
  expect(new Set(chosen.map(({ finding: { id } }) => id)).size).toBe(6);
});

test('one of them has a line with add-role, if there is one', () => {
  const [line] = finding(510).evidence;
  const withAddRole = finding(510, {
    evidence: line ? [{ ...line, message: 'airflow users add-role' }] : [],
  });
  const chosen = chooseLateChanges([...spread, withAddRole], 1, plan(), config);
  expect(chosen.map(({ finding: { id } }) => id)).toEqual(['510']);
});

test.each([
  ['below the severity that is notified', [finding(80, { severity: 'low' })]],
  ['about lines that another finding uses, too', [finding(80), finding(80, { id: 'other' })]],
])('a change is not chosen if it is %s', (_, findings) => {
  const choose = () => chooseLateChanges(findings, 1, plan(), config);
  expect(choose).toThrow(
    `changes to delay: 1; only 0 of the ${findings.length} in the logs can arrive late`,
  );
});

test('a change is not chosen if its sweep runs in the tick that catches up after an outage', () => {
  const findings = [finding(80), finding(100)];
  const choose = (outage: number) => chooseLateChanges(findings, 2, plan(outage), config);
  expect(choose(0).map(({ lane }) => lane)).toEqual(['near', 'far']);
  expect(() => choose(8)).toThrow('only 1 of the 2 in the logs can');
});
