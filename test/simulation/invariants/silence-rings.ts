import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { minuteMs } from '../../../lambda/common/time.ts';
import {
  AlarmEvaluator,
  evaluationRangeExtraPeriods,
} from '../../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../../local/alarms/metric-alarm.ts';
import { marksIn } from '../ledger-view.ts';
import type { Effect } from '../world/effect.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant } from './invariant.ts';

const silentPeriods = 3;

/** As the stack makes it, but for its name and topics. */
function silentAlarm(everyMinutes: number): MetricAlarm {
  return {
    name: 'silent',
    arn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:silent',
    region: 'eu-west-1',
    accountId: '123456789012',
    description: undefined,
    actionsEnabled: true,
    actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [] },
    metric: { namespace: 'MwaaPrivilegeMonitor', metricName: 'ScanCompleted', dimensions: {} },
    unit: undefined,
    statistic: 'Maximum',
    periodSeconds: everyMinutes * 60,
    evaluationPeriods: silentPeriods,
    datapointsToAlarm: silentPeriods,
    comparisonOperator: 'LessThanThreshold',
    threshold: 1,
    treatMissingData: 'breaching',
  };
}

export const silenceRings: Invariant = {
  rule: 'the alarm rings when no scan completes for the stated number of periods, and only then',
  watch: (world) => {
    const { config, time, cloudWatch, chronicle } = world;
    const periodMs = config.everyMinutes * minuteMs;
    const heartbeats = cloudWatch.maxima('ScanCompleted');
    const evaluator = new AlarmEvaluator([silentAlarm(config.everyMinutes)], {
      read: (_, startEpochMs, endEpochMs) => {
        const found = [...heartbeats].filter(([at]) => at >= startEpochMs && at < endEpochMs);
        const [[, value] = []] = found;
        if (value === undefined) return undefined;
        return { sampleCount: found.length, sum: value, minimum: value, maximum: value };
      },
    });
    const completed = new Set<number>();
    const problems: string[] = [];
    const evaluate = () => {
      const nowEpochMs = time.nowEpochMs;
      for (const { newState } of evaluator.evaluate(nowEpochMs)) {
        chronicle.tell(nowEpochMs, () => `the alarm "silent" is ${newState}`);
      }
      const [alarm] = evaluator.states();
      const lookBackMs = (silentPeriods + evaluationRangeExtraPeriods) * periodMs;
      const isSilent = ![...completed].some(
        (tickMs) => tickMs >= nowEpochMs - lookBackMs - periodMs,
      );
      if (isSilent && alarm?.state !== 'ALARM') {
        problems.push(`nothing rings at ${new Date(nowEpochMs).toISOString()}`);
      }
      const isWell = Array.from({ length: silentPeriods + 1 }, (_, at) => at + 1).every((back) =>
        [...completed].some(
          (tickMs) =>
            tickMs >= nowEpochMs - back * periodMs && tickMs < nowEpochMs - (back - 1) * periodMs,
        ),
      );
      if (isWell && alarm?.state === 'ALARM') {
        problems.push(`"silent" rings for a monitor that is well`);
      }
      time.after(periodMs, evaluate);
    };
    time.at(world.timeline.startEpochMs + periodMs + minuteMs, evaluate);
    return {
      see: (effect) => {
        const heartbeat = heartbeatOf(effect);
        if (heartbeat === undefined) return fine;
        const left = leftUnread(world, effect, heartbeat);
        if (left.length === 0) completed.add(heartbeat);
        return left.map((logGroup) => `a heartbeat, and ${logGroup} was not read`);
      },
      atEnd: () => problems,
    };
  },
};

function heartbeatOf({ step, input, error }: Effect): number | undefined {
  if (step !== 'PutMetricData' || error !== undefined) return undefined;
  const { MetricData = [] } = input as PutMetricDataCommandInput;
  const datum = MetricData.find(({ MetricName }) => MetricName === 'ScanCompleted');
  return datum?.Timestamp?.getTime();
}

/** A slice that the time did not suffice for is no failure; it suffices for the first one. */
const timeIsShort = 0.6;

/**
 * Log groups that an invocation could have read, and did not though they were behind: because it read
 * nothing at all, or a query over them came to nothing while there was time.
 */
function leftUnread(
  { dynamo, config }: World,
  { invocation, epochMs }: Effect,
  tickEpochMs: number,
): string[] {
  const { memory, moved, startedEpochMs, timeoutMs } = invocation;
  const dueEpochMs = Math.min(tickEpochMs, epochMs) - config.settleMinutes * minuteMs;
  const isShort = epochMs - startedEpochMs > timeIsShort * timeoutMs;
  const cameToNothing = (logGroup: string) => {
    const asked = memory.queries.findLast(({ groups }) => groups.includes(logGroup));
    const isOfThis = asked !== undefined && asked.startedEpochMs >= startedEpochMs;
    return isOfThis && asked.course.fate !== 'Complete';
  };
  return marksIn(dynamo)
    .filter(({ lane }) => lane === 'scan')
    .filter(({ logGroup, positionEpochMs }) => {
      const isBlind =
        memory.refused.has(logGroup) ||
        memory.written?.has(logGroup) === false ||
        memory.existing?.has(logGroup) === false;
      const isBehind = !isBlind && positionEpochMs < dueEpochMs && !moved.has(logGroup);
      return isBehind && (moved.size === 0 || (!isShort && cameToNothing(logGroup)));
    })
    .map(({ logGroup }) => logGroup);
}
