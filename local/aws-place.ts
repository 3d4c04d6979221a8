/** Where AWS resources live; part of every ARN. */
export interface AwsPlace {
  readonly accountId: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
}

/** An account that does not exist, so that local ARNs are easy to tell from real ones. */
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
