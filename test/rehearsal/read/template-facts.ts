import type { AwsPlace } from '../../../local/aws-place.ts';
import { DeployedTemplates, type OneTemplate } from '../../infra/deployed-templates.ts';
import { unheardAlarms } from '../../infra/permissions/alarm-walk.ts';
import { accessesOfRule, findKey } from '../../infra/permissions/needs/service-accesses.ts';
import { DeployedAccess, policiesOf } from '../../infra/permissions/policy/deployed-access.ts';
import { resourcesOf, type TemplateJson, targetOf } from '../../infra/template-walk.ts';

/** What a template must say; `exceptions` names the resources that do not. */
export interface TemplateFact {
  readonly rule: string;
  readonly exceptions: readonly string[];
}

/**
 * What the local AWS accepts without looking: keys, the queue of undelivered ticks, missing data of alarms,
 * mails. The template must have it all the same.
 */
export function templateFacts(
  template: TemplateJson,
  { email, place }: { readonly email: string; readonly place: AwsPlace },
): TemplateFact[] {
  return [
    {
      rule: "topics, queues, ledger and the function's log are encrypted with the stack's key",
      exceptions: unencrypted(template),
    },
    {
      rule: "CloudWatch may publish every alarm: the topic's policy and the key allow it",
      exceptions: silencedAlarms(place, template),
    },
    {
      rule: 'EventBridge may put what it cannot deliver into a queue: its policy and the key allow it',
      exceptions: ticksThatGetLost(place, template),
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

function deployedTo(place: AwsPlace, template: TemplateJson) {
  const templates = [template as OneTemplate];
  return {
    deployed: new DeployedTemplates(templates, place),
    access: new DeployedAccess(policiesOf(templates, place), place.accountId),
  };
}

function silencedAlarms(place: AwsPlace, template: TemplateJson): string[] {
  const { deployed, access } = deployedTo(place, template);
  return [...unheardAlarms(deployed, access).keys()];
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

function ticksThatGetLost(place: AwsPlace, template: TemplateJson): string[] {
  const { deployed, access } = deployedTo(place, template);
  const keyOf = (arn: string) => findKey(deployed, arn) ?? '';
  return deployed
    .all('AWS::Events::Rule')
    .filter(
      (rule) =>
        (rule.properties.Targets as readonly RuleTarget[]).some(
          ({ DeadLetterConfig }) => DeadLetterConfig === undefined,
        ) || accessesOfRule(rule, keyOf).some((one) => access.decide(one) !== 'allowed'),
    )
    .map(({ logicalId }) => logicalId);
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
