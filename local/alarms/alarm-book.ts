import { randomUUID } from 'node:crypto';
import type { NotificationRecorder } from '../recorders.ts';
import type { AlarmStateChange } from './alarm-evaluator.ts';
import { alarmMail } from './alarm-mail.ts';
import type { AlarmStateValue, MetricAlarm } from './metric-alarm.ts';

/** What CloudWatch publishes to a topic when an alarm changes its state. */
interface AlarmNotification {
  /** The topics, one message each. */
  readonly topicArns: readonly string[];
  readonly subject: string;
  /** JSON. */
  readonly message: string;
  /** What subscribers by mail get in its place. */
  readonly email: string;
}

/** SNS requires fewer than 100 characters. */
const maxSubjectCharacters = 99;

/** Region names as in these messages; other Regions appear by their code. */
const regionNames: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-central-1': 'EU (Frankfurt)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
};

/**
 * The message of an alarm's SNS action, as CloudWatch sends it, except
 * AlarmConfigurationUpdatedTimestamp: a local alarm was never configured.
 */
export function alarmNotification(change: AlarmStateChange): AlarmNotification {
  const { alarm, oldState, newState, reason, epochMs } = change;
  const region = regionNames[alarm.region] ?? alarm.region;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: alarm.accountId,
    NewStateValue: newState,
    NewStateReason: reason,
    StateChangeTime: new Date(epochMs).toISOString().replace('Z', '+0000'),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: oldState,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    Trigger: {
      MetricName: alarm.metric.metricName,
      Namespace: alarm.metric.namespace,
      StatisticType: 'Statistic',
      Statistic: alarm.statistic === 'SampleCount' ? 'SAMPLE_COUNT' : alarm.statistic.toUpperCase(),
      Unit: alarm.unit ?? null,
      Dimensions: Object.entries(alarm.metric.dimensions).map(([name, value]) => ({ value, name })),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparisonOperator,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.treatMissingData,
      EvaluateLowSampleCountPercentile: '',
    },
  };
  return {
    topicArns: change.actions.filter((arn) => /^arn:[^:]+:sns:/.test(arn)),
    subject: subjectOf(newState, alarm.name, region),
    message: JSON.stringify(message),
    email: alarmMail(change, region),
  };
}

/** Printable ASCII; a long name is cut. */
function subjectOf(state: string, name: string, region: string): string {
  const printable = name.replace(/[^\x20-\x7e]/gu, '?');
  const room = maxSubjectCharacters - `${state}: "" in ${region}`.length;
  const shown = printable.length > room ? `${printable.slice(0, room - 3)}...` : printable;
  return `${state}: "${shown}" in ${region}`;
}

/** An entry of an alarm's history, as DescribeAlarmHistory returns it. */
export interface HistoryItem {
  readonly alarmName: string;
  readonly epochMs: number;
  readonly type: 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface KnownAlarm {
  readonly alarm: MetricAlarm;
  readonly state: AlarmStateValue;
  readonly reason: string;
}

/** Alarms whose states are set by hand, with their history. */
export class AlarmBook {
  readonly #alarms: Map<string, KnownAlarm>;
  readonly #notifications: NotificationRecorder;
  readonly #brokenTopics: ReadonlyMap<string, string>;
  readonly #history: HistoryItem[] = [];

  /** @param brokenTopics by ARN, CloudWatch's error when it publishes there */
  constructor(
    alarms: readonly MetricAlarm[],
    notifications: NotificationRecorder,
    brokenTopics: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#alarms = new Map(
      alarms.map((alarm) => [alarm.name, { alarm, state: 'OK', reason: 'no state was set' }]),
    );
    this.#notifications = notifications;
    this.#brokenTopics = brokenTopics;
  }

  /** Ordered by name. */
  all(): KnownAlarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.alarm.name < b.alarm.name ? -1 : 1));
  }

  /** Newest first. */
  history(): HistoryItem[] {
    return this.#history.toReversed();
  }

  /**
   * Sets a state; when it differs from the state before, adds history and runs the actions.
   *
   * @returns false when there is no such alarm
   */
  setState(name: string, state: AlarmStateValue, reason: string, epochMs: number): boolean {
    const before = this.#alarms.get(name);
    if (before === undefined) return false;
    const { alarm } = before;
    this.#alarms.set(name, { alarm, state, reason });
    if (before.state === state) return true;
    this.#history.push({
      alarmName: name,
      epochMs,
      type: 'StateUpdate',
      summary: `Alarm updated from ${before.state} to ${state}`,
      data: { oldState: { stateValue: before.state }, newState: { stateValue: state, reason } },
    });
    const actions = alarm.actionsEnabled ? alarm.actions[state] : [];
    const change = { alarm, oldState: before.state, newState: state, reason, epochMs, actions };
    const { topicArns, subject, message } = alarmNotification(change);
    for (const topicArn of topicArns) this.#publish(topicArn, { subject, message }, change);
    return true;
  }

  #publish(
    topicArn: string,
    { subject, message }: { readonly subject: string; readonly message: string },
    { alarm, epochMs }: { readonly alarm: MetricAlarm; readonly epochMs: number },
  ): void {
    const error = this.#brokenTopics.get(topicArn);
    if (error === undefined) {
      const messageId = randomUUID();
      const attributes = {};
      const publishedEpochMs = epochMs;
      this.#notifications.record({
        ...{ topicArn, subject, message, attributes, messageId, publishedEpochMs },
      });
    }
    this.#history.push({
      alarmName: alarm.name,
      epochMs,
      type: 'Action',
      summary:
        error === undefined
          ? `Successfully executed action ${topicArn}`
          : `Failed to execute action ${topicArn}. Received error: "${error}"`,
      data: {
        actionState: error === undefined ? 'Succeeded' : 'Failed',
        notificationResource: topicArn,
        stateUpdateTimestamp: epochMs,
        publishedMessage: message,
        ...(error !== undefined && { error }),
      },
    });
  }
}
