import { cutText } from '../common/text.ts';
import type { FindingEvent } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import { escaped } from '../text/show-text.ts';

/**
 * A finding in the format of Security Hub, as far as it is used here.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
 */
export interface SecurityFinding {
  readonly SchemaVersion: '2018-10-08';
  readonly Id: string;
  readonly ProductArn: string;
  readonly GeneratorId: string;
  readonly AwsAccountId: string;
  readonly Types: readonly string[];
  readonly FirstObservedAt: string;
  readonly LastObservedAt: string;
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Severity: { readonly Label: string; readonly Original: string };
  readonly Title: string;
  readonly Description: string;
  readonly Remediation: {
    readonly Recommendation: { readonly Text: string; readonly Url?: string };
  };
  readonly SourceUrl: string;
  readonly ProductFields: Readonly<Record<string, string>>;
  readonly Resources: readonly [
    {
      readonly Type: 'Other';
      readonly Id: string;
      readonly Partition: string;
      readonly Region: string;
    },
  ];
  readonly RecordState: 'ACTIVE';
}

const labels: Readonly<Record<Severity, string>> = {
  info: 'INFORMATIONAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  critical: 'CRITICAL',
};

/** https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html, and following. */
const titleMax = 256;
const descriptionMax = 1024;
const recommendationMax = 512;
const fieldMax = 1024;

/** MITRE ATT&CK "Impair Defenses": what the monitor reports of itself. */
const impairsDefenses = /^T1562/;

/**
 * A finding as Security Hub takes it. Its id depends on the finding alone, so that an update replaces it,
 * and an event that comes twice changes nothing.
 *
 * @param detail the detail of an event on the bus
 * @param about.eventTime when the event was put, ISO 8601: Security Hub takes the latest
 */
export function securityFinding(
  detail: FindingEvent,
  { eventTime, partition }: { readonly eventTime: string; readonly partition: string },
): SecurityFinding {
  const { id, account, region, environment, severity, detections, attack, runbook } = detail;
  const { runbookUrl } = detail;
  const { actor, target, role, outcome, detectedAt, firstSeen, lastSeen } = detail;
  const fields = {
    ...{ findingId: id, environment, outcome, detections: detections.join(', ') },
    ...{ attack: attack.join(', '), runbook, target, role },
    ...{
      dag: actor.dag,
      task: actor.task,
      run: actor.run,
      dagFile: actor.dagFile,
      user: actor.user,
    },
  };
  return {
    SchemaVersion: '2018-10-08',
    Id: `mwaa-privilege-monitor/${region}/${account}/${environment}/${id}`,
    ProductArn: productArn({ partition, region, account }),
    GeneratorId: `mwaa-privilege-monitor/${detections[0]}`,
    AwsAccountId: account,
    Types: [
      attack.some((technique) => impairsDefenses.test(technique))
        ? 'TTPs/Defense Evasion'
        : 'TTPs/Privilege Escalation',
    ],
    FirstObservedAt: firstSeen,
    LastObservedAt: lastSeen,
    CreatedAt: detectedAt,
    UpdatedAt: eventTime > detectedAt ? eventTime : detectedAt,
    Severity: { Label: labels[severity], Original: severity },
    Title: shown(detail.title, titleMax),
    Description: shown(
      `${detail.title}. Outcome in the log of MWAA environment ${environment}: ${outcome}.`,
      descriptionMax,
    ),
    Remediation: {
      Recommendation: {
        Text: shown(`Follow ${runbook} of MWAA Privilege Monitor.`, recommendationMax),
        ...(runbookUrl !== undefined && { Url: runbookUrl }),
      },
    },
    SourceUrl: detail.links.logStream,
    ProductFields: Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        value === undefined || value.trim() === ''
          ? []
          : [[`mwaa-privilege-monitor/${name}`, shown(value, fieldMax)]],
      ),
    ),
    Resources: [
      {
        Type: 'Other',
        Id: `arn:${partition}:airflow:${region}:${account}:environment/${environment}`,
        Partition: partition,
        Region: region,
      },
    ],
    RecordState: 'ACTIVE',
  };
}

/** Findings of one's own account belong to its default product. */
function productArn(place: {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}): string {
  const { partition, region, account } = place;
  return `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;
}

/** Names in a finding are written by the people who are watched. */
function shown(text: string, charactersMax: number): string {
  return cutText(escaped(text), charactersMax);
}
