import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Stack } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import type { AirflowConfig } from '../config/airflow-config.ts';

interface AirflowNetworkProps {
  readonly mwaaEnvironment: string;
  readonly vpc: AirflowConfig['vpc'];
  readonly webserverClients: AirflowConfig['webserverClients'];
}

/**
 * The environment's network: two private subnets and a security group of its own.
 *
 * A new VPC has no route to the internet. MWAA reaches AWS through endpoints instead of NAT
 * gateways: a DAG's author, who can read everything that the environment can, then reaches AWS's
 * own services and nothing else, and a private web server has to install its packages from wheels
 * anyway.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/networking-about.html
 * https://docs.aws.amazon.com/mwaa/latest/userguide/vpc-vpe-create-access.html
 */
export class AirflowNetwork extends Construct {
  readonly subnetIds: string[];
  readonly securityGroup: ISecurityGroup;
  /** The VPC that this stack creates; undefined for an existing one. */
  readonly newVpc: Vpc | undefined;
  /** What must exist before the environment is created. */
  readonly ready: IDependable[];

  constructor(scope: Construct, id: string, props: AirflowNetworkProps) {
    super(scope, id);
    const { vpcId, subnetIds } = props.vpc;
    if (vpcId !== undefined && subnetIds !== undefined) {
      const { availabilityZones } = Stack.of(this);
      const vpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones });
      this.subnetIds = subnetIds;
      this.securityGroup = ownGroup(this, vpc, props);
      this.ready = [this.securityGroup];
      return;
    }
    const vpc = privateVpc(this, props.vpc);
    this.newVpc = vpc;
    this.subnetIds = vpc.isolatedSubnets.map(({ subnetId }) => subnetId);
    this.securityGroup = ownGroup(this, vpc, props);
    addEndpoints(vpc, this.securityGroup);
    this.ready = [vpc, this.securityGroup];
  }
}

function privateVpc(scope: Construct, given: AirflowConfig['vpc']): Vpc {
  return new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr(given.cidr ?? '10.192.0.0/16'),
    natGateways: 0,
    // Small enough to leave room in the range, for instance for a client VPN.
    subnetConfiguration: [
      { name: 'Private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
    // Nothing uses the default group, and emptying it would need a custom resource.
    restrictDefaultSecurityGroup: false,
  });
}

/**
 * MWAA requires all traffic from the group itself, and all outbound traffic. The endpoint of a
 * private web server has the same group.
 */
function ownGroup(
  scope: Construct,
  vpc: IVpc,
  { mwaaEnvironment, webserverClients }: AirflowNetworkProps,
): SecurityGroup {
  const group = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `MWAA environment ${mwaaEnvironment}: lets in itself, and clients of its web server`,
    allowAllOutbound: true,
  });
  group.addIngressRule(group, Port.allTraffic(), 'From the environment itself');
  for (const range of webserverClients) {
    group.addIngressRule(Peer.ipv4(range), Port.tcp(443), 'Clients of the private web server');
  }
  return group;
}

/**
 * MWAA requires those from S3 to Monitoring when there is no internet access, the `airflow` ones
 * are for Airflow itself, and the secrets backend needs Secrets Manager.
 */
function addEndpoints(vpc: Vpc, group: ISecurityGroup): void {
  vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
  for (const [id, service] of Object.entries({
    Sqs: InterfaceVpcEndpointAwsService.SQS,
    Kms: InterfaceVpcEndpointAwsService.KMS,
    Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    Monitoring: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
    AirflowApi: InterfaceVpcEndpointAwsService.AIRFLOW_API,
    AirflowEnv: InterfaceVpcEndpointAwsService.AIRFLOW_ENV,
    AirflowOps: InterfaceVpcEndpointAwsService.AIRFLOW_OPS,
    SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  })) {
    vpc.addInterfaceEndpoint(id, {
      service,
      securityGroups: [group],
      privateDnsEnabled: true,
      // Only the environment's own group may connect, not the whole range of the VPC.
      open: false,
    });
  }
}
