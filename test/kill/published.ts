import {
  type FindingNotification,
  readFindingNotification,
} from '../../local/demo/run/live-through.ts';
import type { PassedRequest } from './request-gate.ts';

/** One finding as reported in one message. */
export interface Told {
  readonly id: string;
  readonly severity: string;
  readonly late: boolean;
  /** The message's subject, for errors about a finding that should not be there. */
  readonly subject: string;
}

/** The findings in a message. */
export function toldBy({ published, subject }: FindingNotification): Told[] {
  if (published.kind === 'digest' || published.kind === 'minimal') {
    return published.findings.map(({ id, severity }) => ({ id, severity, late: false, subject }));
  }
  const { id, severity, late } = published;
  return [{ id, severity, late, subject }];
}

/**
 * The findings that were published while it was not written down any more that they were: nobody
 * knows, so they are published once more when the claim has run out.
 *
 * @param carriedOut the requests of one invocation, in their order
 */
export function unknownPublishes(carriedOut: readonly PassedRequest[]): Told[] {
  const unknown = new Map<string, Told>();
  for (const request of carriedOut) {
    for (const told of toldByRequest(request)) unknown.set(told.id, told);
    const notified = notifiedBy(request);
    if (notified !== undefined) unknown.delete(notified);
  }
  return [...unknown.values()];
}

/** The findings in a Publish request, read from its form. */
function toldByRequest({ operation, body }: PassedRequest): Told[] {
  if (operation !== 'Publish') return [];
  const form = new URLSearchParams(body.toString('utf8'));
  const message = form.get('Message') ?? '';
  return toldBy(
    readFindingNotification({
      topicArn: form.get('TopicArn') ?? '',
      subject: form.get('Subject') ?? '',
      message,
      messageByProtocol: JSON.parse(message),
      ...{ attributes: {}, messageId: 'unknown', publishedEpochMs: 0 },
    }),
  );
}

/** The id of the finding that a write to the ledger marks as notified. */
function notifiedBy({ operation, body }: PassedRequest): string | undefined {
  if (operation !== 'DynamoDB_20120810.PutItem') return undefined;
  const { Item } = JSON.parse(body.toString('utf8'));
  const { finding, delivery } = JSON.parse(Item?.data?.S ?? '{}');
  return delivery?.status === 'notified' ? finding?.id : undefined;
}
