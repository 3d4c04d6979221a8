/** Where AWS resources live: what their ARNs are made of. */
export interface AwsPlace {
  readonly accountId: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

/** The account that exists nowhere: local ARNs are told apart from real ones at a glance. */
export const localPlace: AwsPlace = {
  accountId: '000000000000',
  region: 'us-east-1',
  partition: 'aws',
};

export function logGroupArn({ partition, region, accountId }: AwsPlace, logGroup: string): string {
  return `arn:${partition}:logs:${region}:${accountId}:log-group:${logGroup}`;
}

export function topicArn({ partition, region, accountId }: AwsPlace, topicName: string): string {
  return `arn:${partition}:sns:${region}:${accountId}:${topicName}`;
}
