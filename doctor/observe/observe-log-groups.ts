import { hourMs } from '../../lambda/common/time.ts';
import { historyHours, historyUntil } from '../../lambda/coverage/group-silence.ts';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { logGroupShape } from '../shapes/logs.ts';
import type { Observed } from '../shapes/observation.ts';
import type { Ask } from './ask.ts';
import { byName } from './by-name.ts';
import type { DoctorClients } from './clients.ts';
import { describeLogGroups, describeSubscriptionFilters } from './cloudwatch-logs.ts';
import { lookbackMinutes, type ObserveOptions, recent } from './observe-options.ts';
import { getMetricData } from './read-cloudwatch.ts';

/** The environment's log groups and their subscription filters. */
export async function observeLogGroups(ask: Ask, clients: DoctorClients, mwaaEnvironment: string) {
  const logGroups = await describeLogGroups(ask, clients, mwaaEnvironment, logGroupShape);
  const there = new Set(
    logGroups.kind === 'known' ? logGroups.value.map((group) => group.logGroupName) : [],
  );
  const own = logTypes.map((logType) => logGroupName(mwaaEnvironment, logType));
  const subscriptionFilters = await byName(
    own.filter((name) => there.has(name)),
    (name) => describeSubscriptionFilters(ask, clients, name),
  );
  return { logGroups, subscriptionFilters };
}

/**
 * The number of events each log group received, by minute and by hour, from metrics (no scan cost).
 */
export async function observeIncoming(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Pick<Observed, 'incomingEvents' | 'incomingHours'>> {
  const lookback = Math.max(lookbackMinutes, 2 * options.expectations.silentAfterMinutes);
  const untilEpochMs = historyUntil(options.nowEpochMs);
  const hours = { startEpochMs: untilEpochMs - historyHours * hourMs, endEpochMs: untilEpochMs };
  const [incomingEvents, incomingHours] = await Promise.all([
    getMetricData(ask, clients, readings(options, 60), recent(options, lookback)),
    getMetricData(ask, clients, readings(options, hourMs / 1000), hours),
  ]);
  return { incomingEvents, incomingHours };
}

function readings({ mwaaEnvironment }: ObserveOptions, periodSeconds: number) {
  return logTypes.map((logType) => {
    const label = logGroupName(mwaaEnvironment, logType);
    return {
      label,
      stat: {
        Metric: {
          Namespace: 'AWS/Logs',
          MetricName: 'IncomingLogEvents',
          Dimensions: [{ Name: 'LogGroupName', Value: label }],
        },
        Period: periodSeconds,
        Stat: 'Sum',
      },
    };
  });
}
