import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, type IRole, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Annotations, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { eventSource, findingDetailType } from '../../lambda/messages/finding-event.ts';
import type { MonitorNames } from '../naming/names.ts';

/** What every request of the function to the bus says, and no other request may. */
const onlyFindings = {
  StringEquals: { 'events:source': eventSource, 'events:detail-type': findingDetailType },
};

/**
 * The bus that gets each finding as an event: one of the monitor's own, or an existing one.
 *
 * The own bus is encrypted with a key that AWS owns, so rules on it need no right on the monitor's key.
 *
 * @param eventBus the setting `notify.eventBus`
 */
export function findingsBus(
  scope: Construct,
  names: Pick<MonitorNames, 'prefix'>,
  eventBus: boolean | string,
): IEventBus | undefined {
  if (eventBus === false) return undefined;
  if (eventBus !== true) return EventBus.fromEventBusArn(scope, 'FindingsBus', eventBus);
  return new EventBus(scope, 'FindingsBus', {
    eventBusName: names.prefix,
    description: `Privilege changes found by ${names.prefix}`,
  });
}

/**
 * Denies everybody but the publisher to put events on the monitor's own bus, as on its topic. What an
 * existing bus of another account needs is printed at each synthesis.
 */
export function denyOtherEvents(bus: IEventBus, publisher: IRole): void {
  if (bus instanceof EventBus) {
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DenyEventsOfOthers',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': publisher.roleArn } },
      }),
    );
    return;
  }
  const { account } = Stack.of(publisher);
  const owner = bus.eventBusArn.split(':')[4] ?? '';
  if (!Token.isUnresolved(account) && account === owner) return;
  const statement = {
    Sid: 'AllowFindingsOfPrivilegeMonitor',
    Effect: 'Allow',
    Principal: { AWS: Token.isUnresolved(account) ? '<account of the monitor>' : account },
    Action: 'events:PutEvents',
    Resource: bus.eventBusArn,
    Condition: onlyFindings,
  };
  Annotations.of(publisher).addInfoV2(
    'mwaa-privilege-monitor:bus-policy',
    [
      `notify.eventBus: the policy of ${bus.eventBusArn} needs this statement:`,
      JSON.stringify(statement),
      `unless the monitor is in account ${owner} as well.`,
    ].join('\n'),
  );
}

/** Allows the scanner to put findings on the bus, and no other events. */
export function allowEvents(role: Role, bus: IEventBus): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'PutFindingsOnTheBus',
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: onlyFindings,
    }),
  );
}
