import { Effect, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type Function as LambdaFn } from 'aws-cdk-lib/aws-lambda';
import { Annotations, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { WitnessConfig } from '../config/witness-config.ts';
import { acknowledgeWildcard } from '../resources/resources.ts';

type WitnessVpc = NonNullable<WitnessConfig['vpc']>;

/**
 * What Lambda does in the function's role to attach it to a VPC.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const attaching = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** us-east-1, 2026; other Regions differ a little. https://aws.amazon.com/privatelink/pricing/ */
const endpointUsdPerHour = 0.01;
const hoursOfMonth = 730;

/** Attaches the function to the VPC of a private web server, and says what it needs there. */
export function attachToVpc(
  scope: Construct,
  { function: attached, role }: { readonly function: LambdaFn; readonly role: Role },
  vpc: WitnessVpc,
): void {
  const { subnetIds, securityGroupIds } = vpc;
  const resource = attached.node.defaultChild;
  if (!(resource instanceof CfnFunction)) throw new Error('the witness has no function to attach');
  resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
  // Lambda attaches in the role's name, and the role is all that the function's code has: so the code may not.
  new Policy(scope, 'NoNetworkForTheCode', {
    roles: [role],
    statements: [
      new PolicyStatement({
        sid: 'OnlyLambdaAttaches',
        effect: Effect.DENY,
        actions: attaching,
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': attached.functionArn } },
      }),
    ],
  });
  Annotations.of(scope).addInfoV2('mwaa-privilege-monitor:witness-network', needsOf(scope, vpc));
}

/** What Lambda needs in the role before it creates the function: so it is a part of the role's own policy. */
export function allowAttaching(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'LetLambdaAttachItToTheVpc',
      actions: attaching,
      // AWS documents these for all resources: the network interfaces do not exist yet.
      resources: ['*'],
    }),
  );
  acknowledgeWildcard(
    role,
    { resource: '*' },
    'Lambda attaches a function to a VPC by these calls on network interfaces that it creates; a Deny keeps the function’s code from them.',
  );
}

/**
 * Neither the log nor the key need an endpoint: Lambda writes the log, DynamoDB asks KMS, both outside of the
 * VPC.
 */
function needsOf(scope: Construct, { vpcId, subnetIds, securityGroupIds }: WitnessVpc): string {
  const { region } = Stack.of(scope);
  const zones = subnetIds.length;
  const usd = Math.round(endpointUsdPerHour * hoursOfMonth * zones);
  return [
    `witness.vpc: ${vpcId} must have two endpoints, which this stack does not make, since a VPC has room for one of each:`,
    `  com.amazonaws.${region}.airflow.env (interface, with private DNS): about ${usd} USD a month for ${zones === 1 ? 'one zone' : `${zones} zones`}, if the VPC does not have it yet; its security group must let in port 443 from ${securityGroupIds.join(', ')}`,
    `  com.amazonaws.${region}.dynamodb (gateway, in the route tables of ${subnetIds.join(', ')}): free`,
    'and the web server’s security group must let in port 443 likewise. `npx privilege-monitor doctor` checks what can be seen from outside.',
  ].join('\n');
}
