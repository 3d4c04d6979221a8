import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { type Severity, severityRank } from '../../../lambda/model/severity.ts';
import type { Inbox } from '../local-aws/inbox.ts';
import { type AlarmMessage, alarmMessage, findingMessage, reportedIds } from '../read/messages.ts';
import { notifiedIds, recordedIds, unequal } from '../read/scanner-log.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { decisionsOf, type Monitor } from './monitor.ts';
import type { Replayed } from './session.ts';

/** Queues that subscribe to the monitor's two topics. */
export interface Inboxes {
  readonly findings: Inbox;
  readonly alarms: Inbox;
}

const alertAt: Severity = 'medium';

/** Compares what the deployed monitor did with what `replay` finds in the same log. */
export async function compareWithReplay(
  { checks, clients }: Stage,
  monitor: Monitor,
  inboxes: Inboxes,
  replayed: readonly Replayed[],
): Promise<void> {
  checks.step(
    'result',
    'findings, notifications and positions, by the function, in the ledger and at a subscriber',
  );
  const decisions = await decisionsOf(clients, monitor);
  checks.none(
    'no run has logged an error',
    decisions.filter(({ level }) => level === 'error'),
  );
  const ids = replayed.map(({ id }) => id);
  checks.none(
    `the deployed monitor has found what \`replay\` finds: ${ids.length} changes, by their ids`,
    unequal(recordedIds(decisions), ids),
  );
  const due = replayed
    .filter(({ severity }) => severityRank(severity) >= severityRank(alertAt))
    .map(({ id }) => id);
  checks.none(
    `the ${due.length} that are due are marked as notified, each once`,
    unequal(notifiedIds(decisions), due),
  );
  const messages = (await inboxes.findings.take()).map(findingMessage);
  checks.none(
    `a subscriber has received them in ${messages.length} messages, each once`,
    unequal(reportedIds(messages), due),
  );
  const positions = (await itemsOf(clients, monitor)).filter(
    ({ pk, sk }) => pk?.S === 'mark' && sk?.S?.startsWith('lane#scan#'),
  );
  checks.check(
    'the ledger holds a position of the scan for each log group',
    positions.length === 5,
    positions,
  );
}

/** All items of the ledger. */
async function itemsOf(
  { dynamo: client }: Stage['clients'],
  { outputs }: Monitor,
): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  const table = { TableName: outputs.LedgerTableName, ConsistentRead: true };
  for await (const page of paginateScan({ client }, table)) items.push(...(page.Items ?? []));
  return items;
}

/** Alarms about privilege changes; all others are about the monitor itself. */
const changeAlarm = /-(?:privilege-change|add-role)-[A-Za-z]+$/;

/** The alarms that rang on the topic, each by its name. */
export async function compareAlarms(
  { checks, product }: Stage,
  { alarms }: Inboxes,
): Promise<void> {
  checks.step('alarms', 'metric, alarm, topic and subscriber are connected');
  const rung: AlarmMessage[] = [];
  const hasRung = await until('the alarm has reached its subscriber', 60, async () => {
    const messages = (await alarms.take()).map(alarmMessage);
    rung.push(...messages.filter(({ NewStateValue }) => NewStateValue === 'ALARM'));
    return rung.some(({ AlarmName }) => AlarmName.endsWith('-privilege-change-Task'));
  }).catch(() => false);
  const names = rung.map(({ AlarmName }) => AlarmName);
  checks.check('the alarm of the log group with the change has rung', hasRung, names);
  checks.none(
    "no alarm about the monitor's own health has rung",
    names.filter((name) => !changeAlarm.test(name)),
  );
  checks.none(
    'each names a runbook that exists',
    rung.filter(({ AlarmDescription }) => !namesRunbook(product, AlarmDescription)),
  );
}

function namesRunbook(product: string, description: string): boolean {
  const [path] = /docs\/runbooks\/[a-z-]+\.md/.exec(description) ?? [];
  return path !== undefined && existsSync(join(product, path));
}
