import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { place } from '../airflow-templates.ts';
import { newApp, withoutBundling } from '../synthesized.ts';
import { monitorDeployment, monitorTemplate } from './deployments.ts';
import { accessesOf } from './needs/function-accesses.ts';
import { recordCalls } from './needs/record-calls.ts';
import { serviceAccesses } from './needs/service-accesses.ts';
import type { DeployedPolicy } from './policy/deployed-access.ts';
import { readStrictly } from './policy/strict-policy.ts';
import { distinct, refused } from './proof.ts';

const { accountId: account, region } = place;
const existingTopicArn = `arn:aws:sns:${region}:${account}:security`;
const existingTopicKmsKeyArn = `arn:aws:kms:${region}:${account}:key/1234abcd-12ab-34cd-56ef-1234567890cd`;
const notify = { email: [], existingTopicArn, existingTopicKmsKeyArn };

/** The statements that the synthesis prints, by the resource whose policy needs them. */
function printedStatements(): Map<string, object[]> {
  const config = environmentSchema.parse({ mwaaEnvironment: 'prod', account, region, notify });
  const app = newApp(withoutBundling);
  new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  const { messages } = app.synth().getStackByName('Monitor');
  const lines = messages
    .map(({ entry }) => String(entry.data))
    .join('\n')
    .split('\n');
  const statements = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return Map.groupBy(statements, ({ Resource }) =>
    Resource === '*' ? existingTopicKmsKeyArn : existingTopicArn,
  );
}

/** How KMS lets the account's IAM policies count. */
const ofAccount = {
  ...{ Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` } },
  ...{ Action: 'kms:*', Resource: '*' },
};

const printed = printedStatements();

function policies(leftOut?: object): DeployedPolicy[] {
  return [...printed].map(([of, statements]) => {
    const extra = of === existingTopicKmsKeyArn ? [ofAccount] : [];
    const Statement = [...statements, ...extra].filter((one) => one !== leftOut);
    const document = readStrictly({ Version: '2012-10-17', Statement }, 'resource', of);
    return { name: of, kind: 'resource', of, document };
  });
}

async function refusedWith(elsewhere: readonly DeployedPolicy[]): Promise<string[]> {
  const template = monitorTemplate({ account, region, notify });
  const keys = { [existingTopicArn]: existingTopicKmsKeyArn };
  const { access, around, config, deployed } = monitorDeployment([template], { keys, elsewhere });
  const calls = await recordCalls(config);
  const needed = distinct([
    ...calls.flatMap((call) => accessesOf(call, around)),
    ...serviceAccesses(deployed, around),
  ]);
  expect(needed.some(({ resource }) => resource === existingTopicArn)).toBe(true);
  return refused({ access, needed, administered: [], forbidden: [], place });
}

test('what the synthesis prints lets function, alarms and rules publish on an existing topic', async () => {
  expect([...printed.values()].map((statements) => statements.length)).toEqual([2, 2]);
  expect(await refusedWith(policies())).toEqual([]);
});

test.each(
  [...printed.values()].flat().map((statement) => [Reflect.get(statement, 'Sid'), statement]),
)('without the printed statement %s something is refused', async (_, statement) => {
  expect(await refusedWith(policies(statement))).not.toEqual([]);
});
