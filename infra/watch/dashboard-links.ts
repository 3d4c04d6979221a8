import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';

interface LinkedPlaces {
  readonly mwaaEnvironment: string;
  /** The Region, also as a token. */
  readonly region: string;
  readonly scannerLogGroup: string;
  /** Paths of runbooks: `docs/runbooks/add-role.md`, in any order, also more than once. */
  readonly runbooks: readonly string[];
  /** The address of the folder of runbooks. @default - unknown: their names are not links */
  readonly runbookBaseUrl?: string | undefined;
}

/**
 * Where to look next, as Markdown of a text widget: Airflow, the log groups, the monitor's log, the
 * runbooks.
 *
 * The links to CloudWatch are relative to its console, so that they fit every partition. The link to
 * Airflow opens its web interface through the console of MWAA, which signs the reader in.
 */
export function dashboardLinks({
  mwaaEnvironment,
  region,
  scannerLogGroup,
  runbooks,
  runbookBaseUrl,
}: LinkedPlaces): string {
  const mwaa = `https://${region}.console.aws.amazon.com/mwaa/home?region=${region}#environments/${mwaaEnvironment}`;
  const groups = logTypes.map((logType) =>
    logGroupLink(logType, logGroupName(mwaaEnvironment, logType)),
  );
  const names = [...new Set(runbooks)]
    .map((path) => path.replace(/^.*\//, '').replace(/\.md$/, ''))
    .toSorted();
  const books =
    runbookBaseUrl === undefined
      ? `in \`docs/runbooks/\` of the repository that this monitor was deployed from: ${names.map((name) => `\`${name}.md\``).join(', ')}`
      : names
          .map((name) => `[${name}](${runbookBaseUrl.replace(/\/+$/, '')}/${name}.md)`)
          .join(', ');
  return [
    '## Look further',
    `**Airflow**: [web interface](${mwaa}/sso), [environment](${mwaa})`,
    `**Log groups**: ${groups.join(', ')}; ${logGroupLink("the monitor's own", scannerLogGroup)}`,
    `**Runbooks**: ${books}`,
  ].join('\n\n');
}

/** The console writes a name into its own addresses with `$25` for each `%`. */
function logGroupLink(text: string, logGroup: string): string {
  const name = encodeURIComponent(logGroup).replaceAll('%', '$25');
  return `[${text}](#logsV2:log-groups/log-group/${name})`;
}
