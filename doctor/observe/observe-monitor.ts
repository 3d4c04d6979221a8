import { alarmNames, namesFor } from '../../infra/config/names.ts';
import { metricDefinitions, metricNamespace } from '../../lambda/metrics/metric-definitions.ts';
import { alarmTopics, findingsTopic } from '../facts/monitor-parts.ts';
import type { Observed } from '../shapes/observation.ts';
import { known, mapPart } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import { byName } from './by-name.ts';
import type { DoctorClients } from './clients.ts';
import { stackOf } from './cloudformation.ts';
import { lookbackMinutes, type ObserveOptions, recent } from './observe-options.ts';
import { describeAlarms, getMetricData } from './read-cloudwatch.ts';
import { observeTopic } from './sns.ts';

/** The deployed monitor of an environment, found by the fixed names of its alarms. */
export async function observeMonitor(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Observed['monitor']> {
  const { prefix } = namesFor(options.mwaaEnvironment);
  const own = new Set<string | undefined>(alarmNames(options.mwaaEnvironment));
  const [found, heartbeat] = await Promise.all([
    describeAlarms(ask, clients, `${prefix}-`),
    heartbeatOf(ask, clients, options),
  ]);
  const alarms = mapPart(found, (all) => all.filter(({ AlarmName }) => own.has(AlarmName)));
  const stack = await stackOfAlarms(ask, clients, alarms);
  const monitor = { alarms, stack, heartbeat, topics: {} };
  const ringing = alarmTopics({ monitor });
  const findings = findingsTopic({ monitor });
  const arns = new Set([
    ...(ringing.kind === 'known' ? ringing.value : []),
    ...(findings.kind === 'known' && findings.value !== undefined ? [findings.value] : []),
  ]);
  return { ...monitor, topics: await byName(arns, (arn) => observeTopic(ask, clients, arn)) };
}

function stackOfAlarms(
  ask: Ask,
  clients: DoctorClients,
  alarms: Observed['monitor']['alarms'],
): Promise<Observed['monitor']['stack']> {
  if (alarms.kind !== 'known') return Promise.resolve(alarms);
  const name = alarms.value[0]?.AlarmName;
  return name === undefined ? Promise.resolve(known(null)) : stackOf(ask, clients, name);
}

function heartbeatOf(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Observed['monitor']['heartbeat']> {
  const { name } = metricDefinitions.scanCompleted;
  const lookback = Math.max(lookbackMinutes, 4 * options.expectations.everyMinutes);
  const stat = {
    Metric: {
      Namespace: metricNamespace,
      MetricName: name,
      Dimensions: [{ Name: 'Environment', Value: options.mwaaEnvironment }],
    },
    Period: 60,
    Stat: 'Maximum',
  };
  return getMetricData(ask, clients, [{ label: name, stat }], recent(options, lookback));
}
