import {
  listed,
  resourcesOf,
  statementsOf,
  type TemplateJson,
  targetOf,
  unheardAlarms,
} from '../../infra/template-walk.ts';

/** What a template must say; `exceptions` names the resources that do not. */
export interface TemplateFact {
  readonly rule: string;
  readonly exceptions: readonly string[];
}

/**
 * What the local AWS accepts without looking: keys, the queue of undelivered ticks, missing data of alarms,
 * mails. The template must have it all the same.
 */
export function templateFacts(template: TemplateJson, email: string): TemplateFact[] {
  return [
    {
      rule: "topics, queues, ledger and the function's log are encrypted with the stack's key",
      exceptions: unencrypted(template),
    },
    {
      rule: "CloudWatch may publish every alarm: the topic's policy and the key allow it",
      exceptions: unheardAlarms(template),
    },
    {
      rule: 'EventBridge may put ticks and notices that it cannot deliver into a queue: its policy and the key allow it',
      exceptions: eventsThatGetLost(template),
    },
    {
      rule: 'every alarm says what missing data means, and the alarm of a silent monitor rings without data',
      exceptions: alarmsInSilence(template),
    },
    {
      rule: 'both topics send mails to the address',
      exceptions: resourcesOf(template, 'AWS::SNS::Topic')
        .map(([id]) => id)
        .filter((id) => !isSubscribed(template, id, email)),
    },
  ];
}

/** The property that names the key, in each type that stores what the monitor knows. */
const keyProperties: Readonly<Record<string, (properties: Record<string, unknown>) => unknown>> = {
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
  'AWS::DynamoDB::Table': ({ SSESpecification }) =>
    (SSESpecification as { KMSMasterKeyId?: unknown } | undefined)?.KMSMasterKeyId,
};

function unencrypted(template: TemplateJson): string[] {
  return Object.entries(keyProperties).flatMap(([type, keyOf]) =>
    resourcesOf(template, type)
      .filter(([, { Properties }]) => !isKey(template, keyOf(Properties)))
      .map(([id]) => id),
  );
}

function isKey(template: TemplateJson, reference: unknown): boolean {
  return template.Resources[targetOf(reference) ?? '']?.Type === 'AWS::KMS::Key';
}

interface RuleTarget {
  readonly DeadLetterConfig?: { readonly Arn: unknown };
}

function eventsThatGetLost(template: TemplateJson): string[] {
  return resourcesOf(template, 'AWS::Events::Rule')
    .filter(([id, { Properties }]) =>
      (Properties.Targets as readonly RuleTarget[]).some(
        ({ DeadLetterConfig }) => !isQueueFor(template, id, DeadLetterConfig?.Arn),
      ),
    )
    .map(([id]) => id);
}

const eventBridge = 'events.amazonaws.com';

function isQueueFor(template: TemplateJson, ruleId: string, reference: unknown): boolean {
  const queueId = targetOf(reference) ?? '';
  const queue = template.Resources[queueId];
  if (queue?.Type !== 'AWS::SQS::Queue') return false;
  const maySend = resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .filter(([, { Properties }]) =>
      listed(Properties.Queues).some((one) => targetOf(one) === queueId),
    )
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument))
    .some(
      ({ Effect, Principal, Action, Condition }) =>
        Effect === 'Allow' &&
        isService(Principal, eventBridge) &&
        listed(Action).includes('sqs:SendMessage') &&
        listed(Condition?.ArnEquals?.['aws:SourceArn']).some(
          (source) => targetOf(source) === ruleId,
        ),
    );
  const key = template.Resources[targetOf(queue.Properties.KmsMasterKeyId) ?? ''];
  const mayEncrypt = statementsOf(key?.Properties.KeyPolicy ?? { Statement: [] }).some(
    ({ Effect, Principal, Action }) =>
      Effect === 'Allow' &&
      isService(Principal, eventBridge) &&
      ['kms:Decrypt', 'kms:GenerateDataKey'].every((action) => listed(Action).includes(action)),
  );
  return maySend && mayEncrypt;
}

function isService(principal: unknown, service: string): boolean {
  return (
    typeof principal === 'object' &&
    principal !== null &&
    'Service' in principal &&
    principal.Service === service
  );
}

function alarmsInSilence(template: TemplateJson): string[] {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
    ([, { Properties }]) => Properties as { AlarmName: string; TreatMissingData?: string },
  );
  const silent = alarms.filter(({ AlarmName }) => AlarmName.endsWith('-silent'));
  const quiet = alarms.filter(({ TreatMissingData }) => TreatMissingData === undefined);
  const wrong = silent.filter(({ TreatMissingData }) => TreatMissingData !== 'breaching');
  return [
    ...[...quiet, ...wrong].map(({ AlarmName }) => AlarmName),
    ...(silent.length === 0 ? ['no alarm of a silent monitor'] : []),
  ];
}

function isSubscribed(template: TemplateJson, topicId: string, email: string): boolean {
  return resourcesOf(template, 'AWS::SNS::Subscription').some(
    ([
      ,
      {
        Properties: { TopicArn, Protocol, Endpoint },
      },
    ]) => targetOf(TopicArn) === topicId && Protocol === 'email' && Endpoint === email,
  );
}
