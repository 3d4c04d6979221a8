/** One message that was published to a topic. */
export interface Notification {
  readonly topicArn: string;
  /** @default - the message has no subject */
  readonly subject?: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageId: string;
  /** By the endpoints' clock, in epoch milliseconds. */
  readonly publishedEpochMs: number;
}

/** Keeps what was published, in the order in which it came. */
export class NotificationRecorder {
  readonly #notifications: Notification[] = [];

  record(notification: Notification): void {
    this.#notifications.push(notification);
  }

  all(): readonly Notification[] {
    return this.#notifications;
  }
}
