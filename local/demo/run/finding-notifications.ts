import {
  type PublishedDigest,
  type PublishedFinding,
  type PublishedMinimal,
  publishedDigestSchema,
  publishedFindingSchema,
  publishedMinimalSchema,
} from '../../../lambda/model/finding-schema.ts';
import type { Notification } from '../../notification-recorder.ts';

/** A message to the findings topic: one finding, a digest of many, or only ids. */
export interface FindingNotification {
  readonly atEpochMs: number;
  readonly subject: string;
  /** The text of the mail. */
  readonly email: string;
  readonly published: PublishedFinding | PublishedDigest | PublishedMinimal;
}

/**
 * Reads a message of the findings topic as its subscribers receive it: the mail, and the JSON for
 * machines.
 *
 * @throws Error when it does not match the published schemas
 */
export function readFindingNotification(notification: Notification): FindingNotification {
  const { messageByProtocol = {}, subject = '', publishedEpochMs, messageId } = notification;
  const json: unknown = JSON.parse(messageByProtocol.default ?? 'null');
  const finding = publishedFindingSchema.safeParse(json);
  const digest = publishedDigestSchema.safeParse(json);
  const minimal = publishedMinimalSchema.safeParse(json);
  const published = finding.data ?? digest.data ?? minimal.data;
  if (published === undefined) {
    throw new Error(
      `the message ${messageId} of the findings topic is neither a finding nor a digest`,
    );
  }
  const email = messageByProtocol.email ?? '';
  return { atEpochMs: publishedEpochMs, subject, email, published };
}
