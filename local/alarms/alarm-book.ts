import { randomUUID } from 'node:crypto';
import type { NotificationRecorder } from '../notification-recorder.ts';
import { alarmNotification } from './alarm-notification.ts';
import type { AlarmStateValue, MetricAlarm } from './metric-alarm.ts';

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
