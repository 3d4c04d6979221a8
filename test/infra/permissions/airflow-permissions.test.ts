import { airflowTemplates, pipelineRole, place } from '../airflow-templates.ts';
import { DeployedTemplates, type OneTemplate } from '../deployed-templates.ts';
import { expectProof } from './expect-proof.ts';
import {
  airflowAccesses,
  airflowForbidden,
  airflowSurroundings,
} from './needs/airflow-accesses.ts';
import { administered } from './needs/service-accesses.ts';
import { DeployedAccess, policiesOf } from './policy/deployed-access.ts';
import { distinct, type Proof } from './proof.ts';

const deployer =
  'arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1';
const creator = 'arn:aws:iam::111122223333:role/creator';
const existingVpc = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
};

function proofOf(airflow: object, people: Parameters<typeof airflowSurroundings>[1]): Proof {
  const { key, environment } = airflowTemplates(airflow);
  const templates = [key, environment] as OneTemplate[];
  const deployed = new DeployedTemplates(templates, place);
  const around = airflowSurroundings(deployed, people);
  return {
    place,
    access: new DeployedAccess(policiesOf(templates, place), place.accountId),
    needed: distinct(airflowAccesses(deployed, around)),
    administered: administered(deployed),
    forbidden: airflowForbidden(around),
  };
}

describe.each<[string, Proof]>([
  [
    'with a new network and a pipeline of DAGs',
    proofOf({}, { creators: [deployer], grantIsForAwsResource: false, dagWriters: [pipelineRole] }),
  ],
  [
    'with an existing network, creators of its own, and whomever IAM allows to write DAGs',
    proofOf(
      {
        ...{ vpc: existingVpc, creatorPrincipals: [creator], dagWriters: undefined },
        grantIsForAwsResource: true,
      },
      { creators: [deployer, creator], grantIsForAwsResource: true, dagWriters: undefined },
    ),
  ],
])('a hardened environment %s', (_name, proof) => {
  expectProof(
    () => proof,
    // By AWS's reference, DescribeKey has no encryption context, so this allows nothing; AWS's sample has it.
    [
      /^KeyPolicy of Key961B73FD: AllowCloudWatchLogsToEncryptTheEnvironmentsLogs: Action kms:Describe\*$/,
    ],
  );
});
