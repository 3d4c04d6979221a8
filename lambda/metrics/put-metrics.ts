import {
  type CloudWatchClient,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import type { Deadline } from '../common/time.ts';
import { metricNamespace } from './metric-definitions.ts';

/** The most data that one call of PutMetricData accepts. */
const dataPerCallMax = 1_000;

/**
 * How often a put whose answer is lost may be repeated: Maximum and Minimum, all that alarms read,
 * stay the same.
 */
const lostAnswersMax = 3;

/** Publishes a tick's metric data: one call, unless there are more than 1,000. */
export async function putMetrics(
  shell: CallShell & { readonly cloudWatch: CloudWatchClient },
  data: readonly MetricDatum[],
  deadline: Deadline,
): Promise<void> {
  for (let first = 0; first < data.length; first += dataPerCallMax) {
    const command = new PutMetricDataCommand({
      Namespace: metricNamespace,
      MetricData: data.slice(first, first + dataPerCallMax),
    });
    await callAws(
      'PutMetricData',
      (options) => shell.cloudWatch.send(command, options),
      shell,
      deadline,
      lostAnswersMax,
    );
  }
  shell.log('info', 'metrics-put', { count: data.length });
}
