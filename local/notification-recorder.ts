/**
 * Attribute values, as filter policies compare them:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export type AttributeValue = string | readonly (string | number | boolean | null)[];

/** One message published to a topic. */
export interface Notification {
  readonly topicArn: string;
  /** @default - the message has no subject */
  readonly subject?: string;
  /** As sent; for a message with a text per protocol, the JSON object. */
  readonly message: string;
  /**
   * The text for each protocol; `default` is for all others.
   *
   * @default - one message for all protocols
   */
  readonly messageByProtocol?: Readonly<Record<string, string>>;
  /** A `String.Array` appears as an array. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly messageId: string;
  /** By the endpoints' clock, in epoch milliseconds. */
  readonly publishedEpochMs: number;
}

/** Stores published messages in order of arrival. */
export class NotificationRecorder {
  readonly #notifications: Notification[] = [];

  record(notification: Notification): void {
    this.#notifications.push(notification);
  }

  all(): readonly Notification[] {
    return this.#notifications;
  }
}
