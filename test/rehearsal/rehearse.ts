import { minuteMs } from '../../lambda/common/time.ts';
import type { TemplateJson } from '../infra/template-walk.ts';
import { openInbox } from './local-aws/inbox.ts';
import { templateFacts } from './read/template-facts.ts';
import { readJson, type Stage } from './stage.ts';
import {
  deployFromOptions,
  email,
  firstAssembly,
  stackName,
  templateFile,
} from './steps/deploy.ts';
import { destroyMonitors } from './steps/destroy.ts';
import type { Monitor } from './steps/monitor.ts';
import { compareAlarms, compareWithReplay, type Inboxes } from './steps/results.ts';
import { removeRight } from './steps/rights.ts';
import { awaitSchedule, preparePast, readPast, replayedFindings } from './steps/session.ts';
import {
  deployUnchanged,
  deployUpdate,
  synthesizeUpdate,
  updatedAssembly,
} from './steps/update.ts';

/** From `cdk bootstrap` to `cdk destroy`. */
export async function rehearse(stage: Stage): Promise<void> {
  const monitor = await deployFromOptions(stage);
  await checkTemplate(stage);
  const past = await preparePast(stage, monitor);
  const inboxes = await subscribe(stage, monitor);
  // The machine has time while the function reads and while the schedule waits for its minute.
  const [, replayed] = await Promise.all([readPast(stage, monitor, past), replayedFindings(stage)]);
  await Promise.all([awaitSchedule(stage, monitor, past), synthesizeUpdate(stage)]);
  await compareWithReplay(stage, monitor, inboxes, replayed);
  await compareAlarms(stage, inboxes);
  await removeRight(stage, monitor, comingMinute());
  await deployUnchanged(stage);
  await deployUpdate(stage, monitor, inboxes, replayed, comingMinute());
  await destroyMonitors(stage, updatedAssembly, [stackName]);
}

async function checkTemplate(stage: Stage): Promise<void> {
  const { checks } = stage;
  checks.step(
    'template',
    'the local AWS checks no keys, undelivered ticks, missing data or mails; the template must be right',
  );
  const template = await readJson<TemplateJson>(templateFile(stage, firstAssembly));
  for (const { rule, exceptions } of templateFacts(template, email)) checks.none(rule, exceptions);
}

async function subscribe({ clients }: Stage, { outputs }: Monitor): Promise<Inboxes> {
  return {
    findings: await openInbox(clients, 'inbox-findings', String(outputs.FindingsTopicArn)),
    alarms: await openInbox(clients, 'inbox-alarms', String(outputs.AlarmTopicArn)),
  };
}

/** A tick may be a little ahead of the clock, and never before an earlier one. */
function comingMinute(): number {
  return (Math.floor(Date.now() / minuteMs) + 1) * minuteMs;
}
