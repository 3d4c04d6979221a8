import {
  type PublishedDigest,
  type PublishedFinding,
  type PublishedMinimal,
  publishedDigestSchema,
  publishedFindingSchema,
  publishedMinimalSchema,
} from '../../lambda/findings/finding-schema.ts';
import type { Notification } from '../aws-endpoints/sns/notification-recorder.ts';

/** What was published to the findings topic: one finding, the digest of many, or ids alone. */
export interface FindingNotification {
  readonly atEpochMs: number;
  readonly subject: string;
  /** The text of the mail. */
  readonly email: string;
  readonly published: PublishedFinding | PublishedDigest | PublishedMinimal;
}

/**
 * Reads a message of the findings topic as its subscribers get it: the mail, and the JSON for machines.
 *
 * @throws Error when it is not what the monitor promises to publish
 */
export function readFindingNotification(notification: Notification): FindingNotification {
  const { messageByProtocol = {}, subject = '', publishedEpochMs, messageId } = notification;
  const json: unknown = JSON.parse(messageByProtocol.default ?? 'null');
  const finding = publishedFindingSchema.safeParse(json);
  const digest = publishedDigestSchema.safeParse(json);
  const minimal = publishedMinimalSchema.safeParse(json);
  const published = finding.data ?? digest.data ?? minimal.data;
  if (published === undefined) {
    throw new Error(`the message ${messageId} of the findings topic is no finding and no digest`);
  }
  const email = messageByProtocol.email ?? '';
  return { atEpochMs: publishedEpochMs, subject, email, published };
}
