import type { FindingNotification } from '../../local/demo/finding-notifications.ts';
import { readFindingNotification } from '../../local/demo/finding-notifications.ts';
import type { PassedRequest } from './request-gate.ts';

/** One finding as one message told it. */
export interface Told {
  readonly id: string;
  readonly severity: string;
  readonly late: boolean;
}

/** The findings that a message tells of. */
export function toldBy({ published }: FindingNotification): Told[] {
  if (published.kind === 'digest' || published.kind === 'minimal') {
    return published.findings.map(({ id, severity }) => ({ id, severity, late: false }));
  }
  const { id, severity, late } = published;
  return [{ id, severity, late }];
}

/** The findings that Publish requests tell of, as they stand in their forms. */
export function toldByRequests(requests: readonly PassedRequest[]): Told[] {
  return requests
    .filter(({ operation }) => operation === 'Publish')
    .flatMap(({ body }) => {
      const form = new URLSearchParams(body.toString('utf8'));
      const message = form.get('Message') ?? '';
      return toldBy(
        readFindingNotification({
          topicArn: form.get('TopicArn') ?? '',
          subject: form.get('Subject') ?? '',
          message,
          messageByProtocol: JSON.parse(message),
          ...{ attributes: {}, messageId: 'lost', publishedEpochMs: 0 },
        }),
      );
    });
}
