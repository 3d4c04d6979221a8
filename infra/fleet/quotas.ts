/** One of AWS's quotas that the monitors of an account and Region meet together. */
interface FleetQuota {
  /** What counts, as people call it. */
  readonly what: string;
  /** The type of the resources that count. */
  readonly type: string;
  /** How many there may be, before AWS raises the quota. */
  readonly most: number;
  readonly source: string;
}

/**
 * Defaults as AWS's pages of November 2026 state them. Of alarms, some pages say 5,000 and others name
 * no limit: the lower one is safe.
 */
export const fleetQuotas: readonly FleetQuota[] = [
  {
    ...{ what: 'saved queries', type: 'AWS::Logs::QueryDefinition', most: 1_000 },
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_Insights-Saving-Queries.html',
  },
  {
    ...{ what: 'alarms', type: 'AWS::CloudWatch::Alarm', most: 5_000 },
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  },
  {
    ...{ what: 'rules of the default event bus', type: 'AWS::Events::Rule', most: 300 },
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html',
  },
  {
    ...{ what: 'IAM roles', type: 'AWS::IAM::Role', most: 1_000 },
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  },
  {
    ...{ what: 'DynamoDB tables', type: 'AWS::DynamoDB::Table', most: 2_500 },
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html',
  },
  {
    ...{ what: 'customer managed keys', type: 'AWS::KMS::Key', most: 100_000 },
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html',
  },
  {
    ...{ what: 'SNS topics', type: 'AWS::SNS::Topic', most: 100_000 },
    source: 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
  },
  {
    ...{ what: 'log groups', type: 'AWS::Logs::LogGroup', most: 1_000_000 },
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html',
  },
];

/** A quota that resources of these types pass, and by how many. */
export interface PassedQuota extends FleetQuota {
  readonly count: number;
}

/** @param types the type of each resource that is deployed to one account and Region */
export function passedQuotas(types: readonly string[]): PassedQuota[] {
  return fleetQuotas
    .map((quota) => ({ ...quota, count: types.filter((type) => type === quota.type).length }))
    .filter(({ count, most }) => count > most);
}

/** The rows of the table in `docs/fleet.md`. @param types the types of one monitor's resources */
export function quotaRows(types: readonly string[]): string[] {
  return fleetQuotas.map(({ what, type, most, source }) => {
    const each = types.filter((one) => one === type).length;
    const environments = each === 0 ? 'any number' : Math.floor(most / each).toLocaleString('en');
    return `| ${what} | [${most.toLocaleString('en')}](${source}) | ${each} | ${environments} |`;
  });
}
