import { resolveValue } from '../../../local/alarms/read-alarms.ts';
import { airflowTemplates, place } from '../airflow-templates.ts';
import { resourcesOf, type TemplateJson } from '../template-walk.ts';

const base = airflowTemplates().environment;
const vpc = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdefa', 'subnet-0123456789abcdefb'],
};
const existing = airflowTemplates({ vpc }).environment;

const count = (template: TemplateJson, type: string) => resourcesOf(template, type).length;

function networkOf(template: TemplateJson) {
  const [[, environment] = []] = resourcesOf(template, 'AWS::MWAA::Environment');
  return environment?.Properties.NetworkConfiguration as {
    readonly SubnetIds: readonly unknown[];
    readonly SecurityGroupIds: readonly unknown[];
  };
}

test('a new VPC has two private subnets in two zones', () => {
  const subnets = resourcesOf(base, 'AWS::EC2::Subnet');
  expect(networkOf(base).SubnetIds).toEqual(subnets.map(([id]) => ({ Ref: id })));
  const zones = subnets.map(([, { Properties }]) => JSON.stringify(Properties.AvailabilityZone));
  expect(new Set(zones).size).toBe(2);
});

test('a new VPC has no route to the internet', () => {
  for (const type of ['InternetGateway', 'NatGateway', 'EIP', 'Route', 'VPCGatewayAttachment']) {
    expect([type, count(base, `AWS::EC2::${type}`)]).toEqual([type, 0]);
  }
});

test('MWAA reaches AWS through endpoints that only the environment can use', () => {
  const endpoints = resourcesOf(base, 'AWS::EC2::VPCEndpoint').map(
    ([, { Properties }]) => Properties,
  );
  const names = endpoints.map(({ ServiceName }) =>
    String(resolveValue(ServiceName, base, place)).replace('com.amazonaws.eu-west-1.', ''),
  );
  const interfaces = endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
  // MWAA requires the first five when there is no internet access; three are Airflow's own.
  expect(names.toSorted()).toEqual(
    [
      's3',
      'monitoring',
      'logs',
      'sqs',
      'kms',
      'airflow.api',
      'airflow.env',
      'airflow.ops',
      'secretsmanager',
    ].toSorted(),
  );
  expect(interfaces).toHaveLength(8);
  for (const endpoint of interfaces) {
    expect(endpoint).toMatchObject({
      PrivateDnsEnabled: true,
      SecurityGroupIds: networkOf(base).SecurityGroupIds,
      SubnetIds: networkOf(base).SubnetIds,
    });
  }
});

test.each([
  ['a new VPC', base],
  ['an existing VPC', existing],
])(
  'in %s the security group allows traffic from itself only, and all outbound traffic',
  (_which, template) => {
    const groups = resourcesOf(template, 'AWS::EC2::SecurityGroup');
    const [[groupId, group] = []] = groups;
    expect(groups).toHaveLength(1);
    expect(group?.Properties.SecurityGroupIngress).toBeUndefined();
    expect(group?.Properties.SecurityGroupEgress).toMatchObject([{ CidrIp: '0.0.0.0/0' }]);
    const self = { 'Fn::GetAtt': [groupId, 'GroupId'] };
    expect(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).toMatchObject([
      [
        expect.any(String),
        { Properties: { GroupId: self, SourceSecurityGroupId: self, IpProtocol: '-1' } },
      ],
    ]);
    expect(networkOf(template).SecurityGroupIds).toEqual([self]);
  },
);

test('the traffic of a new VPC is recorded', () => {
  expect(resourcesOf(base, 'AWS::EC2::FlowLog')).toMatchObject([
    [expect.any(String), { Properties: { TrafficType: 'ALL', LogDestinationType: 's3' } }],
  ]);
});

test('in an existing VPC only the security group is created', () => {
  const made = Object.values(existing.Resources).map(({ Type }) => Type);
  expect(made.filter((type) => type.startsWith('AWS::EC2::')).toSorted()).toEqual([
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupIngress',
  ]);
  expect(networkOf(existing).SubnetIds).toEqual(vpc.subnetIds);
});

test('zones that are named are used', () => {
  const availabilityZones = ['eu-west-1a', 'eu-west-1c'];
  const { environment } = airflowTemplates({ vpc: { availabilityZones, cidr: '10.1.0.0/20' } });
  const subnets = resourcesOf(environment, 'AWS::EC2::Subnet').map(
    ([, subnet]) => subnet.Properties,
  );
  expect(subnets).toMatchObject([
    { AvailabilityZone: 'eu-west-1a', CidrBlock: '10.1.0.0/24' },
    { AvailabilityZone: 'eu-west-1c', CidrBlock: '10.1.1.0/24' },
  ]);
});

test('named clients reach the private web server over TLS, and nothing else', () => {
  const { environment } = airflowTemplates({ webserverClients: ['10.8.0.0/22'] });
  const [[, group] = []] = resourcesOf(environment, 'AWS::EC2::SecurityGroup');
  expect(group?.Properties.SecurityGroupIngress).toMatchObject([
    { CidrIp: '10.8.0.0/22', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
  ]);
  expect(resourcesOf(environment, 'AWS::EC2::SecurityGroupIngress')).toHaveLength(1);
});

test('synth looks up no zone and needs no credentials, with account and region or without', () => {
  const { environment } = airflowTemplates({}, { account: undefined, region: undefined });
  for (const template of [base, environment]) {
    expect(JSON.stringify(template)).toContain('Fn::GetAZs');
    expect(JSON.stringify(template)).not.toContain('dummy1a');
  }
});
