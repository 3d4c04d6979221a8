/** The monitor that sends a message, as every mail and every JSON names it. */
export interface Sender {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * The monitor whose findings topic this is. The topic belongs to the monitor's own stack, so that it is in
 * the account and Region of everything that the monitor watches.
 *
 * @param topicArn `arn:aws:sns:eu-west-1:123456789012:findings`, as the runtime configuration holds it
 */
export function senderOf(environment: string, topicArn: string): Sender {
  const [, , , region = '', account = ''] = topicArn.split(':');
  return { environment, account, region };
}

/** `account 123456789012, Region eu-west-1` */
export function placeText({ account, region }: Pick<Sender, 'account' | 'region'>): string {
  return `account ${account}, Region ${region}`;
}
