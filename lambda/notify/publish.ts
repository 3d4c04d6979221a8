import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { classifyAwsError } from '../aws/aws-errors.ts';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import type { Deadline } from '../common/time.ts';
import type { RuntimeConfig } from '../plan/runtime-config.ts';
import type { Notification } from './notification.ts';

/**
 * After a lost answer the message may have been sent: the holder of the claim decides what to do.
 */
const lostAnswersMax = 0;

/**
 * Publishes a message to the findings' topic.
 *
 * @throws the call's own error, or DeadlineError when it was throttled until the deadline
 */
export async function publish(
  shell: CallShell & { readonly sns: SNSClient; readonly config: RuntimeConfig },
  notification: Notification,
  deadline: Deadline,
): Promise<void> {
  const command = new PublishCommand({ TopicArn: shell.config.findingsTopicArn, ...notification });
  await callAws(
    'Publish',
    (options) => shell.sns.send(command, options).catch(asLostAnswer),
    shell,
    deadline,
    lostAnswersMax,
  );
}

/**
 * Other calls are retried when a service says that it is unavailable. A message that SNS accepted
 * before it said so would go out twice, uncounted, so this counts as a lost answer.
 */
function asLostAnswer(error: unknown): never {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  if ($metadata?.httpStatusCode !== 503) throw error;
  const lost = new Error('SNS said that it is unavailable', { cause: error });
  lost.name = 'TimeoutError';
  throw lost;
}

/**
 * What a failed publish means: `unknown` when the message may have gone out, `refused` when SNS
 * will never accept it, `failed` when it was not sent and may be next time.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
export function publishFailure(error: unknown): 'unknown' | 'refused' | 'failed' {
  if (classifyAwsError(error) === 'lost-answer') return 'unknown';
  return error instanceof Error && refusedNames.has(error.name) ? 'refused' : 'failed';
}

/** Whether a name ends in `Exception` depends on the service and the version of the SDK. */
const refusedNames = new Set(
  [
    ...['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid'],
    ...['Validation', 'ValidationError'],
  ].flatMap((name) => [name, `${name}Exception`]),
);
