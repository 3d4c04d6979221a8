import { createHash } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import { observedEndTime } from './end-time-answers.ts';
import { areRead, countRows, endTimeTimestamps, judge, scannedOf } from './judge.ts';
import { observedCells } from './judge-cells.ts';
import { judgeVerdicts } from './judge-verdicts.ts';
import type { Observation, ObservedText } from './observation.ts';
import { ingestedBytes } from './plant-events.ts';
import { type SelftestReport, withoutAccount } from './report.ts';

/** Facts about a run that are not part of the observation. */
export interface RunFacts {
  readonly region: string;
  readonly observedAt: string;
  readonly durationSeconds: number;
  readonly logGroups: readonly string[];
  readonly kept: boolean;
  readonly bytesScanned: number;
  readonly queries: number;
}

/** The report of a run; the account is removed from AWS's messages. */
export function makeReport(observation: Observation, facts: RunFacts): SelftestReport {
  const { planting, packSlices, pack, documented, answer, empty, endTime } = observation;
  const { refused, isPackRefused } = observation;
  const { slice, events } = planting;
  const verdicts = judgeVerdicts(
    planting,
    packSlices
      .filter(({ window }) => window.startEpochMs === slice.startEpochMs)
      .flatMap((read) => read.events),
    new Set(
      !areRead(packSlices)
        ? events.flatMap(({ line }) => line?.detection ?? [])
        : refused.map(({ id }) => id),
    ),
  );
  const checks = judge(observation, verdicts, facts.logGroups).map((check) => ({
    ...check,
    detail: withoutAccount(check.detail),
  }));
  const [withEvents, withoutEvents] = [scannedOf(answer), scannedOf(empty)];
  return {
    ...{ schema: 1, version: packageJson.version, ...facts },
    logGroups: [...facts.logGroups],
    result: checks.some(({ result }) => result === 'differs') ? 'differs' : 'ok',
    planted: {
      events: events.length,
      bytes: events.reduce((sum, event) => sum + ingestedBytes(event), 0),
      visibleAfterSeconds: observation.visibleAfterSeconds,
    },
    slice: { seconds: (slice.endEpochMs - slice.startEpochMs) / 1000 },
    texts: [documented, pack].map(textReport),
    isPackRefused,
    refusedDetections: refused.map(({ id, message, excerpt }, at) => ({
      ...{ id, message: withoutAccount(message) },
      // If AWS refuses all, the excerpt is from the first one's query.
      ...(excerpt !== undefined && (at === 0 || !isPackRefused) && { excerpt }),
    })),
    verdicts,
    endTime: {
      reading: observedEndTime(endTime, endTimeTimestamps(events)),
      queries: endTime.map((answer) => ({
        ...{ name: answer.name, outcome: answer.kind },
        ...(answer.kind === 'answered'
          ? { offsetsMs: answer.timestamps.map((time) => time - slice.startEpochMs) }
          : { message: withoutAccount(answer.message), offsetsMs: [] }),
      })),
    },
    documentedCounts: countRows(observation),
    cells: observedCells(answer.kind === 'answered' ? answer.rows : []),
    logGroupsScanned: {
      asked: facts.logGroups.length,
      ...(withEvents !== undefined && { withEvents }),
      ...(withoutEvents !== undefined && { empty: withoutEvents }),
    },
    checks,
  };
}

function textReport({ name, queryString, answer }: ObservedText): SelftestReport['texts'][number] {
  return {
    ...{ name, characters: queryString.length },
    sha256: createHash('sha256').update(queryString).digest('hex'),
    ...(answer.kind === 'answered'
      ? { outcome: 'accepted' }
      : { outcome: answer.kind, message: withoutAccount(answer.message) }),
  };
}
