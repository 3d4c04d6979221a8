import type { DeployedResource, DeployedTemplates } from '../deployed-templates.ts';
import { accessesOfAlarm, findKey } from './needs/service-accesses.ts';
import type { DeployedAccess } from './policy/deployed-access.ts';

/**
 * Follows each alarm to its topic and to the topic's key, as CloudWatch does when the alarm rings.
 *
 * @returns what stops an alarm on its way, by the alarm's name: nobody hears these
 */
export function unheardAlarms(
  deployed: DeployedTemplates,
  access: DeployedAccess,
): Map<string, string> {
  return new Map(
    deployed.all('AWS::CloudWatch::Alarm').flatMap((alarm) => {
      const stop = stopOf(alarm, deployed, access);
      return stop === undefined ? [] : [[alarm.name, stop] as const];
    }),
  );
}

function stopOf(
  alarm: DeployedResource,
  deployed: DeployedTemplates,
  access: DeployedAccess,
): string | undefined {
  const { AlarmActions, ActionsEnabled } = alarm.properties;
  const actions = [AlarmActions ?? []].flat().map(String);
  if (ActionsEnabled === false || actions.length === 0) return 'has no action';
  const topics = deployed.all('AWS::SNS::Topic').map(({ arn }) => arn);
  const elsewhere = actions.find((action) => !topics.includes(action));
  if (elsewhere !== undefined) return `acts on ${elsewhere}`;
  const keys = new Map(actions.map((topic) => [topic, findKey(deployed, topic)]));
  if ([...keys.values()].includes(undefined)) return 'its topic has no key of the templates';
  const around = { place: deployed.place, keyOf: (topic: string) => keys.get(topic) ?? '' };
  const refused = accessesOfAlarm(alarm, around).find((step) => access.decide(step) !== 'allowed');
  return refused && `CloudWatch may not ${refused.action}`;
}
