import type {
  PublishBatchCommandInput,
  PublishBatchCommandOutput,
  PublishCommandInput,
} from '@aws-sdk/client-sns';
import type { ChatNotification } from '../../../lambda/messages/chat-message.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import { namedInMessage } from '../../lambda/setup/named-in-message.ts';

/** What one message tells of one finding. */
export interface ToldFinding {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly detections: readonly string[];
  readonly target: string;
  readonly role: string;
  readonly evidence: readonly {
    readonly logGroup: string;
    readonly logStream: string;
    readonly timestamp: string;
    readonly message: string;
  }[];
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A message that went out. */
export interface SentMessage {
  readonly kind: 'finding' | 'update' | 'digest' | 'minimal';
  readonly findings: readonly Partial<ToldFinding>[];
}

/** Reads a message to the findings topic: it tells of what both its JSON and its mail name. */
export function readMessage(message: PublishCommandInput): SentMessage {
  const body = JSON.parse(JSON.parse(message.Message ?? '').default);
  const { kind } = body;
  const findings: Partial<ToldFinding>[] =
    kind === 'digest' || kind === 'minimal' ? body.findings : [body];
  const named = new Set(namedInMessage(message));
  return { kind, findings: findings.filter(({ id = '' }) => named.has(id)) };
}

/** Takes the messages of one request, but for the first few where it fails. */
export function publishToChat(
  taken: ChatNotification[],
  { PublishBatchRequestEntries = [] }: PublishBatchCommandInput,
  { failedMax }: { readonly failedMax: number },
): Pick<PublishBatchCommandOutput, 'Successful' | 'Failed'> {
  const Failed = PublishBatchRequestEntries.slice(0, failedMax).map(({ Id }) => {
    return { Id, Code: 'InternalError', SenderFault: false };
  });
  const Successful = PublishBatchRequestEntries.slice(failedMax).map(({ Id, Message = '' }) => {
    taken.push(JSON.parse(Message));
    return { Id, MessageId: `chat-${taken.length}` };
  });
  return { Successful, Failed };
}
