import { InvokeCommand } from '@aws-sdk/client-lambda';
import { minuteMs } from '../../../lambda/common/time.ts';
import { logGroupName } from '../../../lambda/model/log-types.ts';
import { takeAll } from '../local-aws/inbox.ts';
import { alarmMessage, findingMessage, reportedIds } from '../read/messages.ts';
import { markerLine, settleMinutes } from '../read/past.ts';
import { recordedIds, unequal } from '../read/scanner-log.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { environmentName } from './deploy.ts';
import { putEvents } from './environment.ts';
import { decisionsOf, invokeTick, type Monitor } from './monitor.ts';
import type { Inboxes } from './results.ts';
import { withoutStatement } from './rights.ts';

/** An invocation that fails each time must end in the queue of failed runs, with its reason. */
export async function failRun({ checks, clients }: Stage, monitor: Monitor): Promise<void> {
  checks.step('failed run', "Lambda's retries and the queue of failed runs are connected");
  await clients.lambda.send(
    new InvokeCommand({
      ...{ FunctionName: monitor.functionName, InvocationType: 'Event' },
      Payload: JSON.stringify({ not: 'a tick' }),
    }),
  );
  const url = String(monitor.outputs.FailedRunsUrl);
  const bodies = await until('the failed run is in its queue', 120, async () => {
    const taken = await takeAll(clients.sqs, url);
    return taken.length > 0 && taken;
  });
  checks.check(
    'a run that fails twice is in the queue once, with its reason',
    bodies.length === 1 && bodies[0]?.includes('scheduled event: field') === true,
    bodies,
  );
}

const waitingUsers = ['waiting-1', 'waiting-2', 'waiting-3'];

/** Findings that SNS refuses must wait, and be notified once when it accepts them again. */
export async function refusePublish(
  stage: Stage,
  monitor: Monitor,
  inboxes: Inboxes,
  nextTick: () => number,
): Promise<void> {
  const { checks, clients } = stage;
  checks.step('refused publish', 'findings that cannot be published wait, and none is lost');
  const refusedTick = nextTick();
  await putEvents(
    stage,
    waitingUsers.map((user) => ({
      logGroup: logGroupName(environmentName, 'Task'),
      logStream: `dag_id=${user}/run_id=manual__1/task_id=grant/attempt=1.log`,
      timestamp: refusedTick - settleMinutes * minuteMs - 20_000,
      message: markerLine(user),
    })),
  );
  const before = recordedIds(await decisionsOf(clients, monitor));
  await inboxes.alarms.take();
  await withoutStatement(stage, monitor, 'PublishFindings', () =>
    invokeTick(clients, monitor, refusedTick),
  );
  const decisions = await decisionsOf(clients, monitor);
  const waiting = [...recordedIds(decisions)].filter((id) => !before.has(id));
  checks.check('the findings are recorded', waiting.length === waitingUsers.length, waiting);
  const refused = decisions.filter(({ decision }) => decision === 'findings-not-notified');
  checks.check(
    'the log says that they are not notified, and that sns:Publish is denied',
    JSON.stringify(refused).includes('sns:Publish'),
    refused,
  );
  const early = (await inboxes.findings.take()).map(findingMessage);
  checks.none('nobody has received them yet', early);
  const rung: string[] = [];
  const hasRung = await until('the alarm of undelivered findings rings', 60, async () => {
    const messages = (await inboxes.alarms.take()).map(alarmMessage);
    const ringing = messages.filter(({ NewStateValue }) => NewStateValue === 'ALARM');
    rung.push(...ringing.map(({ AlarmName }) => AlarmName));
    return rung.some((name) => name.endsWith('-undelivered'));
  }).catch(() => false);
  checks.check('the alarm of undelivered findings rings', hasRung, rung);
  await invokeTick(clients, monitor, nextTick());
  const messages = (await inboxes.findings.take()).map(findingMessage);
  checks.none(
    'with the right back, the next run notifies of each of them once',
    unequal(reportedIds(messages), waiting),
  );
}
