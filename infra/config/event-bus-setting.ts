import { z } from 'zod';

/**
 * The ARN of an event bus, in any account.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
const eventBusArn =
  /^arn:aws[a-z-]*:events:[a-z]{2}(-[a-z]+)+-\d+:\d{12}:event-bus\/[.\-_A-Za-z0-9]{1,256}$/;

const mustBe =
  'must be true, for a bus of the stack, false, or the ARN of a bus (arn:aws:events:<region>:<account>:event-bus/<name>)';

export const eventBusSetting = z.union(
  [z.boolean(), z.string().regex(eventBusArn, mustBe)],
  mustBe,
);

/**
 * Why a bus cannot be a monitor's; undefined if nothing is known against it. The function's endpoint is the
 * one of its own Region, and PutEvents reaches no bus of another.
 */
export function eventBusProblem(
  eventBus: boolean | string,
  place: { readonly region?: string | undefined },
): string | undefined {
  if (typeof eventBus === 'boolean') return undefined;
  const region = eventBus.split(':')[3];
  return place.region === undefined || place.region === region
    ? undefined
    : `must be a bus of the monitor's own Region, ${place.region}; a rule there can forward events to another one`;
}
