import { minuteMs } from '../../lambda/common/time.ts';
import type { TemplateJson } from '../infra/template-walk.ts';
import { openInbox } from './local-aws/inbox.ts';
import { account, region } from './local-aws/local-aws.ts';
import { templateFacts } from './read/template-facts.ts';
import { readJson, type Stage } from './stage.ts';
import {
  deploy,
  deployFromOptions,
  email,
  firstAssembly,
  stackName,
  templateFile,
} from './steps/deploy.ts';
import { destroyMonitors } from './steps/destroy.ts';
import { checkEnforcement } from './steps/enforcement.ts';
import { failRun, refusePublish } from './steps/failures.ts';
import { deployedMonitor, invokeTick, type Monitor } from './steps/monitor.ts';
import {
  deployHardened,
  deploySecond,
  moreEnvironments,
  secondStack,
} from './steps/more-stacks.ts';
import { askDoctor, sendTest } from './steps/operator.ts';
import { deployPlainTemplate } from './steps/plain-cloudformation.ts';
import { compareAlarms, compareWithReplay, type Inboxes } from './steps/results.ts';
import { removeRight } from './steps/rights.ts';
import { awaitSchedule, preparePast, readPast, replayedFindings } from './steps/session.ts';
import {
  deployUnchanged,
  deployUpdate,
  synthesizeUpdate,
  updatedAssembly,
} from './steps/update.ts';

/**
 * From `cdk bootstrap` to `cdk destroy`.
 *
 * @param isFull adds failures, the operator's commands and more stacks
 */
export async function rehearse(stage: Stage, isFull: boolean): Promise<void> {
  await checkEnforcement(stage);
  const monitor = await deployFromOptions(stage);
  await checkTemplate(stage);
  const past = await preparePast(stage, monitor);
  const inboxes = await subscribe(stage, monitor);
  const nextTick = ticksByHand();
  // The machine has time while the function reads and while the schedule waits for its minute.
  const [, replayed] = await Promise.all([readPast(stage, monitor, past), replayedFindings(stage)]);
  const more = isFull ? moreEnvironments : {};
  await Promise.all([awaitSchedule(stage, monitor, past), synthesizeUpdate(stage, more)]);
  await compareWithReplay(stage, monitor, inboxes, replayed);
  await compareAlarms(stage, inboxes);
  await removeRight(stage, monitor, nextTick());
  await deployUnchanged(stage);
  await deployUpdate(stage, monitor, inboxes, replayed, nextTick());
  if (!isFull) return destroyMonitors(stage, updatedAssembly, [stackName]);

  await failRun(stage, monitor);
  await refusePublish(stage, monitor, inboxes, nextTick);
  await askDoctor(stage);
  await sendTest(stage, inboxes);
  await deploySecond(stage, monitor);
  await destroyMonitors(stage, updatedAssembly, [stackName, secondStack]);
  await deployAgain(stage, nextTick());
  await destroyMonitors(stage, updatedAssembly, [stackName]);
  // Another monitor: its ticks need not follow those before, which a quick machine lets run ahead.
  await deployPlainTemplate(stage, ticksByHand()());
  await deployHardened(stage);
}

async function checkTemplate(stage: Stage): Promise<void> {
  const { checks } = stage;
  checks.step(
    'template',
    'the local AWS checks no keys, undelivered ticks, missing data or mails, so the template is checked for them; `privilege-monitor selftest` asks the real Logs Insights',
  );
  const template = await readJson<TemplateJson>(templateFile(stage, firstAssembly));
  const place = { accountId: account, region, partition: 'aws' };
  for (const { rule, exceptions } of templateFacts(template, { email, place })) {
    checks.none(rule, exceptions);
  }
}

async function subscribe({ clients }: Stage, { outputs }: Monitor): Promise<Inboxes> {
  return {
    findings: await openInbox(clients, 'inbox-findings', String(outputs.FindingsTopicArn)),
    alarms: await openInbox(clients, 'inbox-alarms', String(outputs.AlarmTopicArn)),
  };
}

/** Each tick is later than all before it, also those of the schedule; it may be a little ahead of the clock. */
function ticksByHand(): () => number {
  let last = 0;
  return () => {
    last = Math.max((Math.floor(Date.now() / minuteMs) + 1) * minuteMs, last + minuteMs);
    return last;
  };
}

/** A monitor that was destroyed must come back, with a ledger that begins anew. */
async function deployAgain(stage: Stage, tickEpochMs: number): Promise<void> {
  const { checks, clients } = stage;
  checks.step('deploy again', 'a monitor that was destroyed can be deployed again');
  await deploy(stage, updatedAssembly, [stackName]);
  const monitor = await deployedMonitor(clients, stackName);
  const { error, report } = await invokeTick(clients, monitor, tickEpochMs);
  checks.check(
    'its first run succeeds, and begins with the present',
    error === undefined && report?.scanCompleted === true && report.notified === 0,
    error ?? report,
  );
}
