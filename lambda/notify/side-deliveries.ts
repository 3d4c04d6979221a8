import type { Deadline } from '../common/time.ts';
import { senderOf } from '../messages/subject.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import type { TickContext, TickShell } from '../record/tick-context.ts';
import { type DeliveredBeside, deliverBeside } from './deliver-beside.ts';
import { chatTarget } from './publish-chat.ts';
import { busTarget } from './put-events.ts';

interface SideDelivery {
  readonly side: SideDestination;
  readonly deliver: (context: TickContext, deadline: Deadline) => Promise<DeliveredBeside>;
}

/** How findings get to the destinations beside the topic for people, in the order of their turns. */
export function sideDeliveries(shell: TickShell): readonly SideDelivery[] {
  const { mwaaEnvironment, findingsTopicArn, eventBusArn, chatTopicArn, runbookBaseUrl } =
    shell.config;
  const sender = { ...senderOf(mwaaEnvironment, findingsTopicArn), runbookBaseUrl };
  const bus = eventBusArn === undefined ? undefined : busTarget(shell, eventBusArn, sender);
  const chat = chatTopicArn === undefined ? undefined : chatTarget(shell, chatTopicArn, sender);
  return [
    ...(bus ? [{ side: bus.side, deliver: delivering(bus) }] : []),
    ...(chat ? [{ side: chat.side, deliver: delivering(chat) }] : []),
  ];
}

function delivering<Payload>(target: Parameters<typeof deliverBeside<Payload>>[1]) {
  return (context: TickContext, deadline: Deadline) => deliverBeside(context, target, deadline);
}
