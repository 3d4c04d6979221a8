import { join } from 'node:path';
import { Annotations, type App, CfnResource, Stack, Validations } from 'aws-cdk-lib/core';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks, NagMessageLevel, NagPack, rules } from 'cdk-nag';
import { shownValue } from '../lambda/common/parse-input.ts';
import { InputError } from '../queries/tools/checked-yaml.ts';
import { loadDetections } from '../queries/tools/load-detections.ts';
import { didYouMean } from '../queries/tools/nearest-names.ts';
import { AirflowEnvironmentStack } from './airflow/airflow-environment-stack.ts';
import { AirflowKeyStack } from './airflow/airflow-key-stack.ts';
import type { AirflowConfig } from './config/airflow-config.ts';
import { chosenEnvironments, contextKeys, isFolderRead } from './config/chosen-environments.ts';
import {
  deploymentPlace,
  type EnvironmentConfig,
  type MonitoredEnvironment,
  readEnvironmentFile,
} from './config/environment-config.ts';
import { commonStackProps } from './config/stack-settings.ts';
import { FleetStack, fleetsOf, inOtherRegions } from './fleet/fleet-stack.ts';
import { passedQuotas } from './fleet/quotas.ts';
import { MonitorStack } from './monitor-stack.ts';
import { dashboardNamer, fleetNamesFor, stackName } from './naming/names.ts';

/**
 * Adds the MWAA environment itself, and its key in a stack of its own.
 *
 * @returns the ARN of the key, which also encrypts what the monitor reads.
 */
export function addAirflow(
  app: App,
  { name, config }: MonitoredEnvironment,
  airflow: AirflowConfig,
): string {
  const common = {
    env: deploymentPlace(config),
    ...commonStackProps(config),
    mwaaEnvironment: config.mwaaEnvironment,
    airflow,
  };
  const { keyArn } = new AirflowKeyStack(app, stackName('AirflowKey', name), common);
  const environment = new AirflowEnvironmentStack(app, stackName('AirflowEnvironment', name), {
    ...common,
    keyArn,
  });
  if (airflow.dagWriters === undefined) {
    Annotations.of(environment).addWarningV2(
      'mwaa-privilege-monitor:dag-writers',
      'airflow.dagWriters: is not set, so everybody whom IAM allows to write to the bucket can become Airflow Admin by a DAG: name the role of the pipeline that uploads DAGs',
    );
  }
  return keyArn;
}

const examplePath = 'docs/environments/hardened.yaml';

/** The environment that a clean clone shows: described in full, and not deployable. */
function exampleEnvironment(projectRoot: string): MonitoredEnvironment {
  const { config } = readEnvironmentFile(join(projectRoot, examplePath), examplePath);
  return { name: 'example', config };
}

const noEnvironment = [
  'No MWAA environment to monitor. Either name one, in this and every later command:',
  '  npx cdk deploy -c mwaaEnvironment=NAME -c email=you@example.com',
  'or describe it in a file, which the first command writes for one and the second for all that you have:',
  '  npx privilege-monitor init',
  '  npx privilege-monitor init --discover',
  `The stacks named example show ${examplePath}: npx cdk synth AirflowEnvironment-example`,
].join('\n');

/**
 * Stops every command that does not name a stack of the example. CDK reports the errors of the
 * selected stacks; but a command that needs no code of a function, such as bootstrap, uses all
 * stacks without a look at their errors, so there the synthesis itself fails.
 *
 * @throws InputError for a command for which the CDK CLI asks to bundle nothing.
 */
function demandEnvironment(app: App): void {
  const bundled: unknown = app.node.tryGetContext(BUNDLING_STACKS);
  if (Array.isArray(bundled) && bundled.length === 0) throw new InputError(noEnvironment);
  const stack = new Stack(app, 'NoEnvironmentYet');
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::F0001',
    reason: 'It is empty because it is never deployed.',
  });
  Annotations.of(stack).addError(noEnvironment);
}

/**
 * The one rule of cdk-nag on MWAA, which is in none of its packs: all five log types at INFO or lower,
 * without which no change of privileges can be seen.
 */
class MwaaChecks extends NagPack {
  override readonly name = 'Mwaa';
  protected override packName = 'Mwaa';

  protected override checkResource(node: CfnResource): void {
    this.applyRule({
      info: 'The MWAA environment does not log all five log types at INFO or lower.',
      explanation:
        'Changes of Airflow privileges show at level INFO, in any of the five log groups: https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-security.html',
      level: NagMessageLevel.ERROR,
      rule: rules.mwaa.MWAAAllLoggingInfo,
      node,
    });
  }
}

/** Stops the synthesis when a stack breaks a rule that is not acknowledged with a reason. */
function addNagChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new MwaaChecks(app));
}

/**
 * Adds the stacks of each environment that the context or the folder names, or else of the example:
 * its monitor, and the environment itself if its file has the section `airflow`. The monitors of the
 * folder share a stack for each account and Region. Synthesis fails when a stack breaks a rule of
 * cdk-nag.
 *
 * @param folder the folder of environment files.
 * @param defaults.runbookBaseUrl the address of the runbooks of an environment that names none. Given but
 *   undefined, it is not known, and synth warns. @default - messages name a file
 * @returns the monitors' stacks
 * @throws InputError when an input or a detection is malformed.
 */
export function addMonitors(
  app: App,
  folder: string,
  defaults: Pick<EnvironmentConfig, 'runbookBaseUrl'> = {},
): MonitorStack[] {
  refuseUnknownContext(app.node.getAllContext());
  addNagChecks(app);
  const context = Object.fromEntries(contextKeys.map((key) => [key, app.node.tryGetContext(key)]));
  const chosen = chosenEnvironments(context, folder);
  if (chosen.length === 0) demandEnvironment(app);
  const environments = chosen.length > 0 ? chosen : [exampleEnvironment(join(folder, '..'))];
  const detections = loadDetections();
  const isFolder = chosen.length > 0 && isFolderRead(context);
  const dashboardName = dashboardNamer(environments.map(({ config }) => config));
  const all = isFolder ? fleetsOf(chosen.map(({ config }) => config)) : [];
  const fleets = new Map(
    all.map((fleet) => [
      fleet.names.stack,
      new FleetStack(app, {
        fleet,
        elsewhere: inOtherRegions(fleet, all),
        detections,
        dashboardName,
      }),
    ]),
  );
  warnOfTwoFleets([...fleets.values()]);
  const stacks = environments.map((environment) => {
    const names = fleetNamesFor(environment.config);
    const fleet = fleets.get(names.stack);
    const stack = new MonitorStack(app, stackName('MonitorStack', environment.name), {
      config: { ...defaults, ...withAirflow(app, environment) },
      detections,
      dashboardName: dashboardName(environment.config),
      ...(fleet && { fleet: names }),
    });
    if ('runbookBaseUrl' in defaults) warnOfMissingLinks(stack, environment, defaults);
    // The alarms name the saved queries: `cdk deploy` of one monitor brings them along.
    if (fleet !== undefined) stack.addStackDependency(fleet);
    return stack;
  });
  for (const fleet of fleets.values()) {
    warnOfQuotas(
      fleet,
      stacks.filter((stack) => stack.dependencies.includes(fleet)),
    );
  }
  return stacks;
}

/** Without an address, people have to find the file of a runbook themselves. */
function warnOfMissingLinks(
  stack: MonitorStack,
  { config }: MonitoredEnvironment,
  { runbookBaseUrl }: Pick<EnvironmentConfig, 'runbookBaseUrl'>,
): void {
  if ((config.runbookBaseUrl ?? runbookBaseUrl) !== undefined) return;
  Annotations.of(stack).addWarningV2(
    'mwaa-privilege-monitor:no-runbook-link',
    'runbookBaseUrl: is not set, and this checkout is no clone from GitHub, GitLab or Bitbucket at a commit that is there, so mails and alarms name the file of a runbook and do not link to it',
  );
}

/** Files that name no account and Region, beside others that name the one of the credentials. */
function warnOfTwoFleets(fleets: readonly FleetStack[]): void {
  for (const fleet of fleets) {
    const twins = fleets.filter(({ environment }) => environment === fleet.environment);
    if (twins.length === 1) continue;
    Annotations.of(fleet).addWarningV2(
      'mwaa-privilege-monitor:two-fleets',
      `${twins.map(({ stackName }) => stackName).join(' and ')} are for the same account and Region, and each holds the saved queries: write account and region in every file of environments/, or in none`,
    );
  }
}

/** AWS may have raised a quota, so passing one does not stop the synthesis. */
function warnOfQuotas(fleet: FleetStack, monitors: readonly MonitorStack[]): void {
  const types = [fleet, ...monitors].flatMap((stack) =>
    stack.node
      .findAll()
      .flatMap((node) => (CfnResource.isCfnResource(node) ? node.cfnResourceType : [])),
  );
  for (const { what, count, most, source } of passedQuotas(types)) {
    Annotations.of(fleet).addWarningV2(
      `mwaa-privilege-monitor:quota-of-${what.replaceAll(' ', '-')}`,
      `${monitors.length} environments need ${count} ${what}, and an account and Region has ${most} by default: ask AWS for more (${source}), or use several accounts`,
    );
  }
}

/**
 * If this project deploys the environment too, the monitor reads what the environment's key
 * encrypts.
 */
function withAirflow(app: App, environment: MonitoredEnvironment): EnvironmentConfig {
  const { config } = environment;
  if (config.airflow === undefined) return config;
  return { ...config, logsKmsKeyArn: addAirflow(app, environment, config.airflow) };
}

/**
 * CDK accepts any key, so a misspelt `-c everyMinute=7` would deploy the default instead. CDK's own keys
 * are not plain words.
 *
 * @throws InputError with a line for each key that is not one of this app's
 */
function refuseUnknownContext(context: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = contextKeys;
  const errors = Object.entries(context)
    .filter(([key]) => /^[a-zA-Z]+$/.test(key) && !known.includes(key))
    .map(
      ([key, value]) =>
        `-c ${key}: must be one of ${known.join(', ')}${didYouMean(key, known)}, got ${shownValue(value)}; other settings are fields of a file in environments/`,
    );
  if (errors.length > 0) throw new InputError(errors.join('\n'));
}
