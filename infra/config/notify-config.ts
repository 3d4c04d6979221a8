import { z } from 'zod';
import { severities } from '../../lambda/model/severity.ts';
import { exactKeyArnPattern, foreignKeyProblem } from './key-policy.ts';

const minSeverities = ['low', 'medium', 'high', 'critical'] as const;

type MinSeverity = (typeof minSeverities)[number];

const address = z.email('must be an e-mail address');

/** An address that gets findings, all or only those from a severity on. */
const subscriber = z.union(
  [address, z.strictObject({ address, minSeverity: z.enum(minSeverities) })],
  {
    error: ({ input }) =>
      typeof input === 'object'
        ? `must be an e-mail address, or one with a severity: { address: a@example.com, minSeverity: ${minSeverities.join(' | ')} }`
        : 'must be an e-mail address',
  },
);

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const eventBusArn =
  /^arn:aws[a-z-]*:events:[a-z]{2}(-[a-z]+)+-\d+:\d{12}:event-bus\/[.\-_A-Za-z0-9]{1,256}$/;

const eventBusRule =
  'must be true, for a bus of the stack, false, or the ARN of a bus (arn:aws:events:<region>:<account>:event-bus/<name>)';

/** A topic that sends mails is no FIFO topic. */
const topicArn = /^arn:aws[a-z-]*:sns:[a-z]{2}(-[a-z]+)+-\d+:\d{12}:[\w-]{1,256}$/;

/** Where findings and alarms go. */
export const notifySchema = z
  .strictObject({
    /** Addresses that get every alarm, and findings; each must confirm its two subscriptions once. */
    email: z.array(subscriber).default([]),
    /** Those that get findings only. */
    findings: z.strictObject({ email: z.array(subscriber).default([]) }).prefault({}),
    /** Those that get alarms only. */
    alarms: z.strictObject({ email: z.array(address).default([]) }).prefault({}),
    /** The five alarms on the documented query's matches. */
    documentedAlarms: z.boolean().default(true),
    /** Whether the alarms on privilege changes notify, beside the findings that they are about. */
    alarmMails: z.boolean().default(true),
    /** A topic that gets findings and alarms in place of the stack's own two. */
    existingTopicArn: z
      .string()
      .regex(
        topicArn,
        'must be the ARN of a standard topic (arn:aws:sns:<region>:<account>:<name>)',
      )
      .optional(),
    /** The customer managed key that encrypts it. @default it has none */
    existingTopicKmsKeyArn: z
      .string()
      .regex(exactKeyArnPattern, 'must be the ARN of a key, not of an alias')
      .optional(),
    /** A topic of its own for Amazon Q Developer in chat applications, in the form it reads. */
    chat: z.boolean().default(false),
    /** Each finding as an event: on a bus of the monitor's own, or on an existing one. */
    eventBus: z
      .union([z.boolean(), z.string().regex(eventBusArn, eventBusRule)], eventBusRule)
      .default(false),
  })
  .prefault({});

export type NotifyConfig = z.output<typeof notifySchema>;

interface Place {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The rules between the fields, and between them and where the monitor is deployed. */
export function notifyProblems(notify: NotifyConfig, place: Place): Problem[] {
  const { existingTopicArn, existingTopicKmsKeyArn, eventBus } = notify;
  const { findings, alarms } = addressesOf(notify);
  const sharedTwice = repeated(findings.slice(0, notify.email.length), ['email']);
  const problems: (Problem | undefined)[] = [
    ...(sharedTwice
      ? [sharedTwice]
      : [repeated(findings, ['findings', 'email']), repeated(alarms, ['alarms', 'email'])]),
    existingTopicArn === undefined ? undefined : foreignTopic(existingTopicArn, place),
    existingTopicKmsKeyArn !== undefined && existingTopicArn === undefined
      ? { path: ['existingTopicKmsKeyArn'], message: 'needs existingTopicArn' }
      : undefined,
    keyProblem(existingTopicKmsKeyArn, place),
    eventBus === true || eventBus === false ? undefined : foreignBus(eventBus, place),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** SNS has one subscription for an address on a topic: a second one could not be created. */
function repeated(addresses: readonly string[], path: Problem['path']): Problem | undefined {
  const same = addresses.map((one) => one.toLowerCase());
  const twice = addresses.find((_, at) => same.indexOf(same[at] ?? '') !== at);
  if (twice === undefined) return undefined;
  const others = path.length > 1 ? ', also those of notify.email' : '';
  return { path, message: `must name each address once${others}; twice: ${twice}` };
}

/** The messages take the monitor's account from the topic, and SNS has no topic of another Region. */
function foreignTopic(arn: string, place: Place): Problem | undefined {
  const [, , , region, account] = arn.split(':');
  const isHere = (place.region ?? region) === region && (place.account ?? account) === account;
  return isHere
    ? undefined
    : {
        path: ['existingTopicArn'],
        message: `must be a topic of the monitor's own account and Region (${place.account ?? 'any account'}, ${place.region ?? 'any Region'})`,
      };
}

function keyProblem(keyArn: string | undefined, place: Place): Problem | undefined {
  const message = keyArn && foreignKeyProblem(keyArn, place);
  return message ? { path: ['existingTopicKmsKeyArn'], message } : undefined;
}

/** The function's endpoint is the one of its own Region, and PutEvents reaches no bus of another. */
function foreignBus(arn: string, { region }: Place): Problem | undefined {
  return (region ?? arn.split(':')[3]) === arn.split(':')[3]
    ? undefined
    : {
        path: ['eventBus'],
        message: `must be a bus of the monitor's own Region, ${region}; a rule there can forward events to another one`,
      };
}

function addressesOf(notify: Pick<NotifyConfig, 'email' | 'findings' | 'alarms'>) {
  const { findings, alarms } = mailSubscribers(notify);
  return { findings: findings.map((one) => one.address), alarms };
}

/** An address that gets findings, from a severity on if it names one. */
export interface FindingsSubscriber {
  readonly address: string;
  readonly minSeverity?: MinSeverity | undefined;
}

/** Who gets mails of findings, and who of alarms. */
export function mailSubscribers({
  email,
  findings,
  alarms,
}: Pick<NotifyConfig, 'email' | 'findings' | 'alarms'>): {
  readonly findings: readonly FindingsSubscriber[];
  readonly alarms: readonly string[];
} {
  const subscribers = (list: NotifyConfig['email']) =>
    list.map((one): FindingsSubscriber => (typeof one === 'string' ? { address: one } : one));
  return {
    findings: subscribers([...email, ...findings.email]),
    alarms: [...subscribers(email).map((one) => one.address), ...alarms.email],
  };
}

/** The severities from one on, as filter policies list them. */
export function severitiesFrom(minSeverity: MinSeverity): string[] {
  return severities.slice(severities.indexOf(minSeverity));
}
