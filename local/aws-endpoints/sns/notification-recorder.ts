/** What filter policies compare: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export type AttributeValue = string | readonly (string | number | boolean | null)[];

/** One message that was published to a topic. */
export interface Notification {
  readonly topicArn: string;
  /** @default - the message has no subject */
  readonly subject?: string;
  /** As it was sent; of a message per protocol, the JSON object. */
  readonly message: string;
  /**
   * The text for each protocol, and `default` for all others.
   *
   * @default - one message for all protocols
   */
  readonly messageByProtocol?: Readonly<Record<string, string>>;
  /** A `String.Array` is an array here. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
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
