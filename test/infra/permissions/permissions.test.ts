import { place } from '../airflow-templates.ts';
import {
  fleetTemplates,
  type MonitorDeployment,
  monitorDeployment,
  monitorTemplate,
} from './deployments.ts';
import { expectProof } from './expect-proof.ts';
import { accessesOf } from './needs/function-accesses.ts';
import { recordCalls } from './needs/record-calls.ts';
import {
  administered,
  everything,
  forbiddenToAll,
  serviceAccesses,
} from './needs/service-accesses.ts';
import { distinct, type Proof } from './proof.ts';

const foreignKey = 'arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const { accountId: account, region } = place;
const busArn = `arn:aws:events:${region}:${account}:event-bus/security`;
const inChina = { ...place, region: 'cn-north-1', partition: 'aws-cn' };

interface Variant {
  readonly deploy: () => MonitorDeployment;
  /** Parts of policies that nothing needs with these settings. */
  readonly unused: readonly RegExp[];
}

/** By AWS's reference, DescribeKey has no encryption context, so that this allows nothing; AWS's sample has it. */
const describeKey = /AllowCloudWatchLogsToEncryptTheScannersLogs: Action kms:Describe\*$/;
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
  'in China': {
    deploy: () =>
      monitorDeployment([monitorTemplate({ account, region: inChina.region })], { at: inChina }),
    unused: [describeKey],
  },
};

describe.each(Object.entries(variants))('a monitor %s', (_name, { deploy, unused }) => {
  let proof: Proof;

  beforeAll(async () => {
    const { access, deployed, around, config } = deploy();
    const calls = await recordCalls(config);
    proof = {
      ...{ access, place: around.place },
      needed: distinct([
        ...calls.flatMap((call) => accessesOf(call, around)),
        ...serviceAccesses(deployed, around),
      ]),
      administered: administered(deployed),
      forbidden: forbiddenToAll(deployed),
    };
  });

  expectProof(() => proof, unused);
});

/**
 * In characters; IAM counts the policies of a role together, without blanks. Of resources, S3's and
 * Lambda's policies have the lowest limit, 20 KB.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const charactersMax = { identity: 10_240, trust: 2_048, resource: 20_000 };

test('the policies of an environment with the longest name fit into AWS’s limits', () => {
  const longest = monitorTemplate({ mwaaEnvironment: `prod${'x'.repeat(76)}` });
  const tooLong = monitorDeployment([longest])
    .access.policies.map(({ name, kind, document }) => {
      const characters = JSON.stringify(document).length;
      return { name, characters, charactersMax: charactersMax[kind] };
    })
    .filter((policy) => policy.characters > policy.charactersMax);
  expect(tooLong).toEqual([]);
});
