/** The monitor that sends a message, as every mail and every JSON names it. */
export interface Sender {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * The monitor that owns a findings topic. The topic is in the monitor's own stack, and so in the
 * account and Region of everything that the monitor watches.
 *
 * @param topicArn from the runtime configuration: `arn:aws:sns:eu-west-1:123456789012:findings`
 */
export function senderOf(environment: string, topicArn: string): Sender {
  const [, , , region = '', account = ''] = topicArn.split(':');
  return { environment, account, region };
}

/** `account 123456789012, Region eu-west-1` */
export function placeText({ account, region }: Pick<Sender, 'account' | 'region'>): string {
  return `account ${account}, Region ${region}`;
}
