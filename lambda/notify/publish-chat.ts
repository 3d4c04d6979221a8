import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import { type Deadline, deadlineIn } from '../common/time.ts';
import { type FindingRecord, sentSeverity } from '../findings/finding-record.ts';
import {
  type ChatNotification,
  chatNotification,
  chatSummary,
  shortChatNotification,
} from '../messages/chat-message.ts';
import type { Sender } from '../messages/subject.ts';
import type { PutResult, SideTarget } from './deliver-beside.ts';

/** Findings with a message of their own in one delivery: a channel with more is not read. */
const singlesMax = 10;
/** Findings of one summary: each may hold 250 kB of evidence. */
const summaryMax = 50;
/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const entriesMax = 10;
const putMaxMs = 10_000;

type ChatShell = CallShell & { readonly sns: SNSClient };

/** The topic of Amazon Q Developer in chat applications: the worst findings one by one, then summaries. */
export function chatTarget(
  shell: ChatShell,
  chatTopicArn: string,
  sender: Sender,
): SideTarget<ChatNotification> {
  const findingsOf = (records: readonly FindingRecord[]) => records.map(({ finding }) => finding);
  return {
    side: 'chat',
    together: (before) => (before < singlesMax ? singlesMax : summaryMax),
    compose: (records, before) => {
      if (before >= singlesMax && records.length > 1) {
        return [{ records, payload: chatSummary(findingsOf(records), sender) }];
      }
      return records.map((record) => {
        const isUpdate = sentSeverity(record.chat) !== undefined;
        const payload = chatNotification(record.finding, sender, { isUpdate });
        return { records: [record], payload };
      });
    },
    composeShort: (records) => shortChatNotification(findingsOf(records), sender),
    requests: (messages) =>
      Array.from({ length: Math.ceil(messages.length / entriesMax) }, (_, at) =>
        messages.slice(at * entriesMax, (at + 1) * entriesMax),
      ),
    put: (notifications, deadline) => publishChat(shell, chatTopicArn, notifications, deadline),
  };
}

/**
 * One call of PublishBatch, which may take some of the notifications and not the others.
 *
 * @param notifications at most ten
 * @returns a result for each, in their order
 * @throws the call's own error, or DeadlineError when it was throttled until the deadline
 */
export async function publishChat(
  shell: ChatShell,
  chatTopicArn: string,
  notifications: readonly ChatNotification[],
  deadline: Deadline,
): Promise<PutResult[]> {
  const command = new PublishBatchCommand({
    TopicArn: chatTopicArn,
    PublishBatchRequestEntries: notifications.map((notification, at) => ({
      Id: String(at),
      Message: JSON.stringify(notification),
      MessageAttributes: {
        severity: {
          DataType: 'String',
          StringValue: notification.metadata.additionalContext.severity,
        },
      },
    })),
  });
  const { Successful = [], Failed = [] } = await callAws(
    'PublishBatch',
    (options) => shell.sns.send(command, options),
    shell,
    deadlineIn(shell.timer, Math.min(putMaxMs, deadline.remainingMs())),
    // What may have gone out already waits for the next tick.
    0,
  );
  return notifications.map((_one, at) => {
    const taken = Successful.find(({ Id }) => Id === String(at));
    if (taken !== undefined) return { messageId: taken.MessageId };
    return { error: Failed.find(({ Id }) => Id === String(at))?.Code ?? 'no answer' };
  });
}
