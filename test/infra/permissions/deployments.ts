import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PolicyDocument } from '../../../doctor/policy/policy-document.ts';
import { addMonitors } from '../../../infra/add-monitors.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from '../../../lambda/plan/runtime-config.ts';
import {
  type WitnessConfig,
  witnessConfigSchema,
  witnessConfigVariable,
} from '../../../lambda/witness/witness-config.ts';
import type { AwsPlace } from '../../../local/aws-place.ts';
import { place } from '../airflow-templates.ts';
import { DeployedTemplates, type OneTemplate } from '../deployed-templates.ts';
import { newApp, templateOf, withoutBundling } from '../synthesized.ts';
import type { FunctionSurroundings } from './needs/function-accesses.ts';
import { keyFinder } from './needs/service-accesses.ts';
import { DeployedAccess, type DeployedPolicy, policiesOf } from './policy/deployed-access.ts';

/** A monitor's stacks as deployed. */
export interface MonitorDeployment {
  readonly access: DeployedAccess;
  readonly deployed: DeployedTemplates;
  readonly around: FunctionSurroundings;
  readonly config: RuntimeConfig;
  /** The second witness, if there is one, whose role is another. */
  readonly witness?: { readonly around: FunctionSurroundings; readonly config: WitnessConfig };
}

/** The properties of a function that has an environment variable, and the variable's value. */
export function functionWith(deployed: DeployedTemplates, variable: string) {
  const [found] = deployed.all('AWS::Lambda::Function').flatMap(({ arn, properties }) => {
    const { Role, Environment } = properties as {
      readonly Role: string;
      readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
    };
    const value = Environment.Variables[variable];
    return value === undefined ? [] : [{ arn, roleArn: Role, value, properties }];
  });
  return found;
}

/**
 * @param boundary the permissions boundary of every role
 * @param logsKeyArns keys of other accounts that the environment's log groups have
 */
export function monitorDeployment(
  templates: readonly OneTemplate[],
  {
    boundary,
    logsKeyArns = [],
    at = place,
    keys = {},
    elsewhere = [],
    vpcId,
  }: {
    readonly boundary?: PolicyDocument;
    readonly logsKeyArns?: readonly string[];
    readonly at?: AwsPlace;
    /** The keys of topics that the templates do not have, by the topic's ARN. */
    readonly keys?: Readonly<Record<string, string>>;
    /** Policies of resources that the templates do not have. */
    readonly elsewhere?: readonly DeployedPolicy[];
    /** The VPC of the second witness. */
    readonly vpcId?: string;
  } = {},
): MonitorDeployment {
  const deployed = new DeployedTemplates(templates, at);
  const policies = [...policiesOf(templates, at), ...elsewhere];
  const ownKeyOf = keyFinder(deployed);
  const scanner = functionWith(deployed, runtimeConfigVariable);
  const config = runtimeConfigSchema.parse(JSON.parse(scanner?.value ?? ''));
  const ownLogsKey = `arn:${at.partition}:kms:${at.region}:${at.accountId}:key/0a1b2c3d-0000-4000-8000-000000000000`;
  const around: FunctionSurroundings = {
    place: at,
    roleArn: scanner?.roleArn ?? '',
    logGroups: logTypes.map((logType) => logGroupName(config.mwaaEnvironment, logType)),
    keyOf: (arn) => keys[arn] ?? ownKeyOf(arn),
    logsKeyArns: [ownLogsKey, ...logsKeyArns],
  };
  const found = functionWith(deployed, witnessConfigVariable);
  return {
    ...{ deployed, config, around },
    access: new DeployedAccess(policies, at.accountId, boundary),
    ...(found && {
      witness: {
        around: { ...around, roleArn: found.roleArn, isLimitedToPartition: true, vpcId },
        config: witnessConfigSchema.parse(JSON.parse(found.value)),
      },
    }),
  };
}

/** The template of one monitor, by the fields of its environment's file. */
export function monitorTemplate(fields: object = {}): OneTemplate {
  return templateOf(fields).toJSON() as OneTemplate;
}

/** The stacks of a folder of environment files: one monitor, and what the account's monitors share. */
export function fleetTemplates(): OneTemplate[] {
  const folder = mkdtempSync(join(tmpdir(), 'permissions-'));
  try {
    const fields = {
      mwaaEnvironment: 'prod',
      account: place.accountId,
      region: place.region,
      notify: { email: ['oncall@example.com'] },
    };
    writeFileSync(join(folder, 'prod.yaml'), stringify(fields));
    const app = newApp(withoutBundling);
    addMonitors(app, folder);
    const templates = app.synth().stacks.map(({ template }) => template);
    if (templates.length < 2) throw new Error('the fleet has no stack of its own');
    return templates;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
