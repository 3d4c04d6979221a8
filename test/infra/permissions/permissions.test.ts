import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import { place } from '../airflow-templates.ts';
import { withWitness } from '../synthesized.ts';
import {
  fleetTemplates,
  type MonitorDeployment,
  monitorDeployment,
  monitorTemplate,
} from './deployments.ts';
import { expectProof } from './expect-proof.ts';
import type { Forbidden } from './needs/access.ts';
import { accessesOf, type FunctionSurroundings } from './needs/function-accesses.ts';
import { recordCalls, recordWitnessCalls } from './needs/record-calls.ts';
import {
  administered,
  everything,
  forbiddenToAll,
  forbiddenToCode,
  serviceAccesses,
} from './needs/service-accesses.ts';
import { distinct, type Proof } from './proof.ts';

const foreignKey = 'arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const { accountId: account, region } = place;
const busArn = `arn:aws:events:${region}:${account}:event-bus/security`;
const inVpc = {
  ...withWitness.witness,
  vpc: {
    vpcId: 'vpc-0a1b2c3d',
    subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
    securityGroupIds: ['sg-0a1b2c3d'],
  },
};
const inChina = { ...place, region: 'cn-north-1', partition: 'aws-cn' };

interface Variant {
  readonly deploy: () => MonitorDeployment;
  /** Parts of policies that nothing needs with these settings. */
  readonly unused: readonly RegExp[];
}

/** By AWS's reference, DescribeKey has no encryption context, so that this allows nothing; AWS's sample has it. */
const describeKey =
  /AllowCloudWatchLogsToEncryptThe(Scanners|Witnesss)Logs: Action kms:Describe\*$/;
const nameInChina = /kms:ViaService \w+\.eu-west-1\.amazonaws\.com\.cn$/;
/** The alarms that `documentedAlarms: false` leaves out. */
const documentedAlarm = /aws:SourceArn \S+:alarm:mwaa-privilege-monitor-prod-add-role-\w+$/;

const variants: Readonly<Record<string, Variant>> = {
  'with the default settings': {
    deploy: () => monitorDeployment([monitorTemplate()]),
    unused: [describeKey, nameInChina],
  },
  'with every setting that changes policies': {
    deploy: () =>
      monitorDeployment(
        [
          monitorTemplate({
            ...{ account, region, logsKmsKeyArn: foreignKey, tags: { team: 'data' } },
            permissionsBoundary: `arn:aws:iam::${account}:policy/boundary`,
            notify: { email: ['oncall@example.com'], documentedAlarms: false },
          }),
        ],
        { logsKeyArns: [foreignKey], boundary: everything },
      ),
    unused: [describeKey, nameInChina, documentedAlarm],
  },
  'with an event bus of its own': {
    deploy: () => monitorDeployment([monitorTemplate({ notify: { email: [], eventBus: true } })]),
    unused: [describeKey, nameInChina],
  },
  'with a chat': {
    deploy: () => monitorDeployment([monitorTemplate({ notify: { email: [], chat: true } })]),
    unused: [describeKey, nameInChina],
  },
  'with an existing event bus': {
    deploy: () => monitorDeployment([monitorTemplate({ notify: { email: [], eventBus: busArn } })]),
    unused: [describeKey, nameInChina],
  },
  'in a fleet': {
    deploy: () => monitorDeployment(fleetTemplates()),
    unused: [describeKey, nameInChina],
  },
  'with a second witness': {
    deploy: () => monitorDeployment([monitorTemplate(withWitness)]),
    unused: [describeKey, nameInChina],
  },
  'with a second witness in a VPC': {
    deploy: () =>
      monitorDeployment([monitorTemplate({ witness: inVpc })], { vpcId: inVpc.vpc.vpcId }),
    unused: [describeKey, nameInChina],
  },
  'in China': {
    deploy: () =>
      monitorDeployment([monitorTemplate({ account, region: inChina.region })], { at: inChina }),
    unused: [describeKey],
  },
};

describe.each(Object.entries(variants))('a monitor %s', (_name, { deploy, unused }) => {
  let proof: Proof;

  beforeAll(async () => {
    const { access, deployed, around, config, witness } = deploy();
    const calls = await recordCalls(config);
    const ofWitness = witness === undefined ? [] : await recordWitnessCalls(witness.config);
    proof = {
      ...{ access, place: around.place },
      needed: distinct([
        ...calls.flatMap((call) => accessesOf(call, around)),
        ...ofWitness.flatMap((call) => accessesOf(call, witness?.around ?? around)),
        ...serviceAccesses(deployed, around),
      ]),
      administered: administered(deployed),
      forbidden: [
        ...forbiddenToAll(deployed),
        ...forbiddenToCode(deployed),
        ...(witness === undefined ? [] : forbiddenToWitness(witness.around, config)),
      ],
    };
  });

  expectProof(() => proof, unused);
});

/**
 * What the second witness must never do, beside what is one step beside: it is no way to another role of
 * Airflow, and it touches nothing that the scanner concluded.
 */
function forbiddenToWitness(
  { roleArn, vpcId }: FunctionSurroundings,
  { ledgerTableName }: RuntimeConfig,
): Forbidden[] {
  const caller = { kind: 'role', arn: roleArn } as const;
  const { partition, region, accountId } = place;
  const fromVpc: Forbidden['context'] = vpcId === undefined ? {} : { 'aws:SourceVpc': vpcId };
  const roles = ['Admin', 'Op', 'User', 'Viewer', 'PrivilegeAuditor', 'public'];
  const table = `arn:${partition}:dynamodb:${region}:${accountId}:table/${ledgerTableName}`;
  return [
    ...roles.flatMap((role) =>
      ['airflow:InvokeRestApi', 'airflow:CreateWebLoginToken'].map((action) => ({
        ...{ caller, action, context: fromVpc, why: 'the witness is no way to a role' },
        resource: `arn:${partition}:airflow:${region}:${accountId}:role/prod/${role}`,
      })),
    ),
    ...['finding', 'lease', 'mark', 'witness-read', 'witness2'].flatMap((pk) =>
      ['GetItem', 'Query', 'PutItem', 'DeleteItem', 'UpdateItem', 'BatchWriteItem'].map((name) => ({
        ...{ caller, action: `dynamodb:${name}`, resource: table },
        context: { 'dynamodb:LeadingKeys': pk },
        why: 'the witness has its own partition',
      })),
    ),
    ...['Scan', 'DeleteItem', 'UpdateItem', 'BatchWriteItem'].map((name) => ({
      ...{ caller, action: `dynamodb:${name}`, resource: table },
      context: { 'dynamodb:LeadingKeys': 'witness' },
      why: 'the witness adds to what it saw, and takes nothing back',
    })),
  ];
}

test('the scanner has no right on Airflow’s REST API, whatever the settings', () => {
  const { access, around } = monitorDeployment([monitorTemplate(withWitness)]);
  const { partition, region, accountId } = place;
  const decided = ['Public', 'Admin'].map((role) =>
    access.decide({
      ...{ caller: { kind: 'role', arn: around.roleArn }, action: 'airflow:InvokeRestApi' },
      resource: `arn:${partition}:airflow:${region}:${accountId}:role/prod/${role}`,
      context: {},
    }),
  );
  expect(decided).toEqual(['not-allowed', 'not-allowed']);
});

/**
 * In characters; IAM counts the policies of a role together, without blanks. Of resources, S3's and
 * Lambda's policies have the lowest limit, 20 KB.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const charactersMax = { identity: 10_240, trust: 2_048, resource: 20_000 };

test('the policies of an environment with the longest name fit into AWS’s limits', () => {
  const longest = monitorTemplate({ mwaaEnvironment: `prod${'x'.repeat(76)}`, ...withWitness });
  const tooLong = monitorDeployment([longest])
    .access.policies.map(({ name, kind, document }) => {
      const characters = JSON.stringify(document).length;
      return { name, characters, charactersMax: charactersMax[kind] };
    })
    .filter((policy) => policy.characters > policy.charactersMax);
  expect(tooLong).toEqual([]);
});
