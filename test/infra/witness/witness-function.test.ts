import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { runtimeConfigSchema, runtimeConfigVariable } from '../../../lambda/plan/runtime-config.ts';
import {
  witnessConfigSchema,
  witnessConfigVariable,
} from '../../../lambda/witness/witness-config.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { place } from '../../infra/airflow-templates.ts';
import { DeployedTemplates, type OneTemplate } from '../deployed-templates.ts';
import { functionWith, monitorTemplate } from '../permissions/deployments.ts';
import { newApp, withoutBundling, withWitness } from '../synthesized.ts';

const vpc = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
  securityGroupIds: ['sg-0a1b2c3d'],
};

const inVpc = { witness: { ...withWitness.witness, vpc } };

function deployedWith(fields: object = withWitness) {
  const template = monitorTemplate(fields) as OneTemplate;
  const deployed = new DeployedTemplates([template], place);
  const scanner = functionWith(deployed, runtimeConfigVariable);
  const found = functionWith(deployed, witnessConfigVariable);
  return { deployed, scanner, found, template };
}

const propertiesOf = (found: { readonly properties: object } | undefined) =>
  (found?.properties ?? {}) as Readonly<Record<string, unknown>>;

test('without the section nothing of a witness is deployed', () => {
  const { found, scanner, deployed, template } = deployedWith({});
  expect(found).toBeUndefined();
  expect(runtimeConfigSchema.parse(JSON.parse(scanner?.value ?? ''))).not.toHaveProperty('witness');
  expect(deployed.all('AWS::Lambda::Function')).toHaveLength(1);
  expect(JSON.stringify(template)).not.toContain('InvokeRestApi');
  expect(Object.keys(template.Resources).filter((id) => /witness/i.test(id))).toEqual([]);
});

test('the witness gets its configuration, and the scanner what it has to join', () => {
  const { found, scanner } = deployedWith();
  const reads = { auditLog: true, snapshot: true, everyMinutes: 15 };
  expect(witnessConfigSchema.parse(JSON.parse(found?.value ?? ''))).toEqual({
    ...{ ...reads, mwaaEnvironment: 'prod', airflowVersion: '2.10.3' },
    ledgerTableName: expect.stringMatching(/^Ledger/),
  });
  expect(runtimeConfigSchema.parse(JSON.parse(scanner?.value ?? '')).witness).toEqual(reads);
});

test('the witness is one arm64 function on Node 24 with a log group and a role of its own', () => {
  const { found, scanner } = deployedWith();
  expect(propertiesOf(found)).toMatchObject({
    ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 300 },
    Handler: 'index.witnessHandler',
    LoggingConfig: { LogGroup: '/mwaa-privilege-monitor/prod/witness' },
  });
  expect(found?.roleArn).not.toBe(scanner?.roleArn);
  expect(propertiesOf(found)).not.toHaveProperty('ReservedConcurrentExecutions');
});

test.each([
  [15, /^cron\(\d+\/15 \* \* \* \? \*\)$/, 1800],
  [60, /^cron\(\d+ 0\/1 \* \* \? \*\)$/, 7200],
])(
  'every %i minutes it runs once, is retried once, and a run that is lost goes to the scanner’s queues',
  (everyMinutes, cron, ageSeconds) => {
    const { deployed, found } = deployedWith({ witness: { ...withWitness.witness, everyMinutes } });
    const rule = deployed.one('AWS::Events::Rule', ({ logicalId }) =>
      logicalId.startsWith('WitnessSchedule'),
    );
    expect(rule.properties.ScheduleExpression).toMatch(cron);
    expect(rule.properties.Targets).toMatchObject([
      {
        Arn: found?.arn,
        DeadLetterConfig: { Arn: expect.stringMatching(/:ScannerUndeliveredTicks/) },
        RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: ageSeconds },
      },
    ]);
    const invoke = deployed.one('AWS::Lambda::EventInvokeConfig', ({ logicalId }) =>
      logicalId.startsWith('Witness'),
    );
    expect(invoke.properties).toMatchObject({
      ...{ MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: ageSeconds },
      DestinationConfig: {
        OnFailure: { Destination: expect.stringMatching(/:ScannerFailedRuns/) },
      },
    });
  },
);

test('a private web server gives the witness its VPC, and the scanner none', () => {
  const { found, scanner } = deployedWith(inVpc);
  expect(propertiesOf(found).VpcConfig).toEqual({
    SubnetIds: vpc.subnetIds,
    SecurityGroupIds: vpc.securityGroupIds,
  });
  expect(propertiesOf(scanner)).not.toHaveProperty('VpcConfig');
  expect(propertiesOf(deployedWith().found)).not.toHaveProperty('VpcConfig');
});

test('the code may not attach what Lambda attaches, and that rule waits for nothing but the function', () => {
  const { template } = deployedWith(inVpc);
  const [id = '', policy] =
    Object.entries(template.Resources).find(([key]) => key.includes('NoNetworkForTheCode')) ?? [];
  expect(JSON.stringify(policy?.Properties)).toContain('"Effect":"Deny"');
  // The function must be there first, so it may not wait for this policy.
  const [, found] =
    Object.entries(template.Resources).find(([key]) => key.startsWith('WitnessFunction')) ?? [];
  expect(JSON.stringify(found)).not.toContain(id);
});

function messagesOf(witness: object, others: object = {}) {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'prod', account: place.accountId, region: place.region },
    ...{ notify: { email: ['oncall@example.com'] }, witness },
    ...others,
  });
  const app = newApp(withoutBundling);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  return app
    .synth()
    .getStackByName(stack.stackName)
    .messages.map(({ entry, level }) => ({ level, text: String(entry.data) }));
}

test('the synthesis says which endpoints the VPC must have, and what they cost', () => {
  const [said, ...others] = messagesOf(inVpc.witness);
  expect(others).toEqual([]);
  expect(said).toEqual({
    level: 'info',
    text: [
      'witness.vpc: vpc-0a1b2c3d must have two endpoints, which this stack does not make, since a VPC has room for one of each:',
      '  com.amazonaws.eu-west-1.airflow.env (interface, with private DNS): about 15 USD a month for 2 zones, if the VPC does not have it yet; its security group must let in port 443 from sg-0a1b2c3d',
      '  com.amazonaws.eu-west-1.dynamodb (gateway, in the route tables of subnet-0a1b2c3d, subnet-0a1b2c3e): free',
      'and the web server’s security group must let in port 443 likewise. `npx privilege-monitor doctor` checks what can be seen from outside. [ack: mwaa-privilege-monitor:witness-network]',
    ].join('\n'),
  });
});

test('cdk-nag has nothing to say of a witness, in a VPC or not', () => {
  expect(messagesOf(withWitness.witness)).toEqual([]);
  const ofVpc = messagesOf(inVpc.witness);
  expect(ofVpc.filter(({ level }) => level !== 'info')).toEqual([]);
});

test('a key that exists already needs a statement for the log group of the witness', () => {
  const kmsKeyArn = `arn:aws:kms:${place.region}:${place.accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  const texts = (witness: object | undefined) =>
    messagesOf(witness as object, { kmsKeyArn }).map(({ text }) => text);
  expect(texts(withWitness.witness).join()).toContain(
    'log-group:/mwaa-privilege-monitor/prod/witness',
  );
  expect(texts(undefined).join()).not.toContain('witness');
});
