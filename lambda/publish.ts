import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { classifyAwsError } from './aws-errors.ts';
import { type CallShell, callAws } from './call-aws.ts';
import type { Notification } from './notify/notification.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import type { Deadline } from './time.ts';

/** A lost answer may stand for a message that was sent: whoever holds the claim decides. */
const lostAnswersMax = 0;

/** @throws the call's own error, or DeadlineError while it was throttled */
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
 * Other calls may be repeated when a service says that it is away; a message that it took before it
 * said so would go out twice, uncounted.
 */
function asLostAnswer(error: unknown): never {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  if ($metadata?.httpStatusCode !== 503) throw error;
  const lost = new Error('SNS said that it is away', { cause: error });
  lost.name = 'TimeoutError';
  throw lost;
}

/**
 * What a failed publish means: `unknown` when it may have gone out, `refused` when SNS will never take
 * this message, `failed` when it was not sent and may be next time.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
export function publishFailure(error: unknown): 'unknown' | 'refused' | 'failed' {
  if (classifyAwsError(error) === 'lost-answer') return 'unknown';
  return error instanceof Error && refusedNames.has(error.name) ? 'refused' : 'failed';
}

/** The SDK leaves out or adds the word `Exception` by service and version. */
const refusedNames = new Set(
  [
    ...['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid'],
    ...['Validation', 'ValidationError'],
  ].flatMap((name) => [name, `${name}Exception`]),
);
