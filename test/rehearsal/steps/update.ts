import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { minuteMs } from '../../../lambda/common/time.ts';
import { logGroupName } from '../../../lambda/model/log-types.ts';
import { runtimeConfigVariable } from '../../../lambda/plan/runtime-config.ts';
import { findingMessage, reportedIds } from '../read/messages.ts';
import { earlierMarkerUser, markerLine, settleMinutes } from '../read/past.ts';
import { notifiedIds, unequal } from '../read/scanner-log.ts';
import type { Stage } from '../stage.ts';
import { deploy, email, environmentName, firstAssembly, stackName } from './deploy.ts';
import { putEvents } from './environment.ts';
import { decisionsOf, invokeTick, type Monitor } from './monitor.ts';
import type { Inboxes } from './results.ts';
import type { Replayed } from './session.ts';

/** The cloud assembly of the update. */
export const updatedAssembly = 'cdk.out.updated';
const detectionId = 'rehearsal-role-granted';

/** The first deployment's settings as a file of the same name, with a sweep that reads all of it again. */
const environmentFile = `mwaaEnvironment: ${environmentName}
everyMinutes: 1
nearSweep: { everyMinutes: 1, lagMinutes: ${settleMinutes} }
notify:
  email: [${email}]
`;

const detectionFile = `id: ${detectionId}
title: The rehearsal gave a user a role
severity: high
logTypes: [Task]
attack: [T1098.003]
query: |
  fields @timestamp, @log, @logStream, @message
  | filter @message like /rehearsal: gave [^ ]+ role /
  | parse @message /rehearsal: gave (?<target>[^ ]+) role (?<role>[A-Za-z]+)/
outcome: true
verb: grant-role
runbook: docs/runbooks/role-granted.md
falsePositives: [None, since only the rehearsal writes the line.]
references: [https://attack.mitre.org/techniques/T1098/003/]
tests:
  matches:
    - { logType: Task, airflow: 2.10.3, message: '${markerLine('bob')}', parsed: { target: bob, role: Admin } }
  ignores:
    - { logType: Task, message: 'INFO - rehearsal: gave up' }
`;

/** Adds files to the copy of the product, by their paths there, and synthesizes it. */
export async function synthesizeUpdate(
  { run, product }: Stage,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const files = {
    [`environments/${environmentName}.yaml`]: environmentFile,
    [`queries/${detectionId}.yaml`]: detectionFile,
    ...more,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(product, path), text);
  await run('cdk', ['synth', '--quiet', '--output', updatedAssembly]);
}

export async function deployUnchanged(stage: Stage): Promise<void> {
  stage.checks.step('no-op', 'deploying the same once more does nothing');
  const { output } = await deploy(stage, firstAssembly, [stackName]);
  stage.checks.check('cdk deploy reports no changes', output.includes('(no changes)'), output);
}

/**
 * Deploys a file of the environment's name instead of the options, and one detection more; then runs a
 * tick whose sweep reads all that was read before.
 */
export async function deployUpdate(
  stage: Stage,
  monitor: Monitor,
  inboxes: Inboxes,
  replayed: readonly Replayed[],
  tickEpochMs: number,
): Promise<void> {
  const { checks, clients } = stage;
  checks.step(
    'update',
    'a file replaces the options and a detection is added: the ledger goes on, nobody is notified twice',
  );
  const before = await stateOf(stage, monitor);
  await deploy(stage, updatedAssembly, [stackName]);
  const after = await stateOf(stage, monitor);
  checks.check(
    'the settings of the file reach the function',
    after.config.includes('"nearSweep":{"everyMinutes":1,') && after.config !== before.config,
    after.config,
  );
  checks.check(
    'the function, its rule and its ledger are the same as before',
    after.identity === before.identity,
    [before.identity, after.identity],
  );

  const laterUser = 'marked-after';
  await putEvents(stage, [
    {
      logGroup: logGroupName(environmentName, 'Task'),
      logStream: 'dag_id=vault/run_id=manual__2/task_id=grant/attempt=1.log',
      timestamp: tickEpochMs - settleMinutes * minuteMs - 20_000,
      message: markerLine(laterUser),
    },
  ]);
  const notifiedBefore = notifiedIds(await decisionsOf(clients, monitor));
  const { error, report } = await invokeTick(clients, monitor, tickEpochMs);
  checks.check(
    'the first run after it reads the whole session again, by the sweep',
    error === undefined && report?.slices.some(({ lane }) => lane === 'near') === true,
    error ?? report?.slices,
  );
  const messages = (await inboxes.findings.take()).map(findingMessage);
  const byTarget = new Map(messages.map((message) => [message.target, message]));
  checks.check(
    'people are notified of the two changes that only the new detection sees, and of nothing else',
    messages.length === 2 && byTarget.has(earlierMarkerUser) && byTarget.has(laterUser),
    messages,
  );
  const earlier = byTarget.get(earlierMarkerUser);
  checks.check(
    'the one in the time that was read before is reported as found by a later look, not as late',
    earlier?.laterLook === true && earlier.late === false,
    earlier,
  );
  const notifiedNow = notifiedIds(await decisionsOf(clients, monitor));
  checks.none(
    `none of the ${replayed.length} earlier changes is notified again`,
    unequal(notifiedNow, [...notifiedBefore, ...reportedIds(messages)]),
  );
}

async function stateOf(
  { clients: { dynamo, lambda } }: Stage,
  { outputs, functionName, ruleName }: Monitor,
) {
  const { Table } = await dynamo.send(
    new DescribeTableCommand({ TableName: outputs.LedgerTableName }),
  );
  const { FunctionArn, Environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  return {
    config: String(Environment?.Variables?.[runtimeConfigVariable]),
    identity: [FunctionArn, ruleName, Table?.TableArn, Table?.TableId].join(' '),
  };
}
