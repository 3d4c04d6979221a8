import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../../../cdk.json' with { type: 'json' };
import { SecurityHubFindings } from '../../../infra/integrations/security-hub-findings.ts';
import { resourcesOf, statementsOf, type TemplateJson } from '../template-walk.ts';

function synthesized() {
  const app = new App({ context: cdkJson.context });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const env = { account: '111122223333', region: 'eu-west-1' };
  const stack = new Stack(app, 'Hub', { env });
  const eventBus = EventBus.fromEventBusName(stack, 'Bus', 'mwaa-privilege-monitor-prod');
  new SecurityHubFindings(stack, 'SecurityHub', { eventBus, minSeverity: 'medium' });
  const assembly = app.synth();
  return { template: assembly.getStackByName('Hub').template as TemplateJson, assembly };
}

const { template, assembly } = synthesized();

test('the function may import findings of its account, write its log and report failures', () => {
  const statements = resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    statementsOf(Properties.PolicyDocument),
  );
  expect(statements.map(({ Action }) => Action)).toEqual([
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    'securityhub:BatchImportFindings',
    expect.arrayContaining(['sqs:SendMessage']),
  ]);
  const [, imports] = statements;
  expect(JSON.stringify(imports?.Resource)).toContain(
    ':securityhub:eu-west-1:111122223333:product/111122223333/default',
  );
});

test('findings from the severity on go to the function, and what fails twice to the queue', () => {
  const [[, rule] = []] = resourcesOf(template, 'AWS::Events::Rule');
  expect(rule?.Properties).toMatchObject({
    EventBusName: 'mwaa-privilege-monitor-prod',
    EventPattern: {
      source: ['mwaa-privilege-monitor'],
      'detail-type': ['MWAA Privilege Finding'],
      account: ['111122223333'],
      detail: { kind: ['finding', 'update'], severity: ['medium', 'high', 'critical'] },
    },
  });
  const [[queue = ''] = []] = resourcesOf(template, 'AWS::SQS::Queue');
  expect(rule?.Properties.Targets).toMatchObject([
    { DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue, 'Arn'] } } },
  ]);
  const [[, invoke] = []] = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig');
  expect(invoke?.Properties.MaximumRetryAttempts).toBe(2);
  expect(JSON.stringify(invoke?.Properties.DestinationConfig)).toContain(queue);
  const [[, alarm] = []] = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  expect(JSON.stringify(alarm?.Properties.Dimensions)).toContain(queue);
});

test('the bundle exports the handler, which needs nothing but Node and refuses another event', async () => {
  const [[, scanner] = []] = resourcesOf(template, 'AWS::Lambda::Function');
  expect(scanner?.Properties.Handler).toBe('index.importHandler');
  const [, key] = /"S3Key":"(\w+)\.zip"/.exec(JSON.stringify(scanner?.Properties.Code)) ?? [];
  const code = readFileSync(join(assembly.directory, `asset.${key}`, 'index.js'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'security-hub-'));
  writeFileSync(join(folder, 'index.cjs'), code);
  const { importHandler } = createRequire(import.meta.url)(join(folder, 'index.cjs'));
  await expect(importHandler({})).rejects.toThrow('event of the bus: field "source"');
});
