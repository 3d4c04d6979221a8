import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import type { Stage } from '../stage.ts';
import { email, environmentName, stackName } from './deploy.ts';
import { checkNothingLeft } from './destroy.ts';
import { deployedMonitor, invokeTick } from './monitor.ts';

const bucket = 'plain-cloudformation';
const waitSeconds = 120;

/** What `npm run package:cloudformation` makes must work without the CDK and its bootstrap stack. */
export async function deployPlainTemplate(stage: Stage, tickEpochMs: number): Promise<void> {
  const { checks, clients, product, run } = stage;
  checks.step(
    'plain CloudFormation',
    'the packaged template and code deploy by CreateStack alone, for an environment that is a parameter',
  );
  await run('node', ['packaging/cloudformation/make-template.ts']);
  const folder = join(product, 'dist/cloudformation');
  const files = await readdir(folder);
  const code = files.find((name) => name.endsWith('.zip')) ?? '';
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const name of [code, 'template.json']) {
    const Body = await readFile(join(folder, name));
    await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body }));
  }
  await clients.cloudFormation.send(
    new CreateStackCommand({
      StackName: stackName,
      TemplateURL: `${stage.aws.url}/${bucket}/template.json`,
      Capabilities: ['CAPABILITY_IAM'],
      Parameters: Object.entries({
        MwaaEnvironment: environmentName,
        Email: email,
        CodeBucket: bucket,
      }).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    }),
  );
  await settled(stage, waitUntilStackCreateComplete, 'the stack is created');

  const monitor = await deployedMonitor(clients, stackName);
  const { Subscriptions = [] } = await clients.sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: String(monitor.outputs.FindingsTopicArn) }),
  );
  checks.check(
    'the address of the parameter is subscribed to the findings',
    Subscriptions.some(({ Endpoint }) => Endpoint === email),
    Subscriptions,
  );
  const { error, report } = await invokeTick(clients, monitor, tickEpochMs);
  checks.check(
    'its first run succeeds, and reads the log groups of the environment',
    error === undefined && report?.scanCompleted === true,
    error ?? report,
  );
  await clients.cloudFormation.send(new DeleteStackCommand({ StackName: stackName }));
  await settled(stage, waitUntilStackDeleteComplete, 'the stack is deleted');
  await checkNothingLeft(stage);
}

async function settled(
  { checks, clients: { cloudFormation: client } }: Stage,
  wait: typeof waitUntilStackCreateComplete,
  what: string,
): Promise<void> {
  try {
    const patience = { client, maxWaitTime: waitSeconds, minDelay: 1, maxDelay: 2 };
    const { state } = await wait(patience, { StackName: stackName });
    checks.check(what, state === 'SUCCESS', state);
  } catch (error) {
    const { StackEvents = [] } = await client.send(
      new DescribeStackEventsCommand({ StackName: stackName }),
    );
    const reasons = StackEvents.map((event) => event.ResourceStatusReason).filter(Boolean);
    checks.check(what, false, [String(error), ...reasons]);
  }
}
