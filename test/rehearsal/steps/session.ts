import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import { iso } from '../../../lambda/common/time.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import { type Past, pastOf } from '../read/past.ts';
import type { Decision } from '../read/scanner-log.ts';
import { recordedEvents, type Stage } from '../stage.ts';
import { until } from '../until.ts';
import { environmentName } from './deploy.ts';
import { createEnvironment, putEvents } from './environment.ts';
import { decisionsOf, invokeTick, type Monitor } from './monitor.ts';

const playedFile = 'played.ndjson';

/** Loads a recorded session as if it had just happened, and stops the schedule until it is read. */
export async function preparePast(stage: Stage, monitor: Monitor): Promise<Past> {
  await stage.clients.events.send(new DisableRuleCommand({ Name: monitor.ruleName }));
  const past = pastOf(await recordedEvents('2.10.3'), environmentName, Date.now());
  await createEnvironment(stage, environmentName);
  await putEvents(stage, past.events);
  const lines = past.events.map((event) => JSON.stringify(event));
  await writeFile(join(stage.folder, playedFile), `${lines.join('\n')}\n`);
  return past;
}

/** The session, read by ticks as the schedule would have sent them. */
export async function readPast(stage: Stage, monitor: Monitor, past: Past): Promise<void> {
  const { checks, clients, front } = stage;
  checks.step(
    'session',
    'the deployed function reads a recorded session under its own role; IAM, signatures and TLS are enforced',
  );
  const invocations = [];
  for (const tickEpochMs of past.tickEpochMs) {
    invocations.push(await invokeTick(clients, monitor, tickEpochMs));
  }
  checks.none(
    `${invocations.length} invocations succeed, and no call of them is refused`,
    invocations.flatMap(({ error }) => error ?? []),
  );
  checks.none(
    'every log group is covered in each',
    invocations.flatMap(({ report }) => report?.logGroups.filter(({ covered }) => !covered) ?? []),
  );
  const counts = Object.fromEntries(front.counts);
  checks.check(
    'the queries are allowed by IAM, with the resources that AWS checks',
    (counts['StartQuery allowed'] ?? 0) > 0 && counts['StartQuery refused'] === undefined,
    counts,
  );
  checks.check(
    'the first lines of tasks may be read, for the owners of DAGs',
    (counts['GetLogEvents allowed'] ?? 0) > 0 && counts['GetLogEvents refused'] === undefined,
    counts,
  );
}

const scheduleMinutesMax = 6;

/** Lets the stack's own rule run, until a tick has found the change that happened after the session. */
export async function awaitSchedule(stage: Stage, monitor: Monitor, past: Past): Promise<void> {
  const { checks, clients } = stage;
  checks.step('schedule', "the stack's own EventBridge rule starts the function, each minute");
  const lastByHand = iso(past.tickEpochMs.at(-1) ?? 0);
  await clients.events.send(new EnableRuleCommand({ Name: monitor.ruleName }));
  const isByRule = ({ tick }: Decision) => tick !== undefined && tick > lastByHand;
  const found = await until(
    'a tick of the schedule has found the live change',
    scheduleMinutesMax * 60,
    async () => {
      const later = (await decisionsOf(clients, monitor)).filter(isByRule);
      const finished = later.some(({ decision }) => decision === 'tick-finished');
      return finished && later.filter(({ decision }) => decision === 'finding-recorded');
    },
  );
  // From here on, ticks come by hand, so that none is missed or comes in between.
  await clients.events.send(new DisableRuleCommand({ Name: monitor.ruleName }));
  checks.check(
    'the tick of the rule finds the change of its minute, and only that',
    found.length === 1 && found[0]?.isNew === true,
    found,
  );
}

/** What `replay` finds in the same log. */
const replayedSchema = z.looseObject({ id: z.string(), severity: z.string() });

export interface Replayed {
  readonly id: string;
  readonly severity: Severity;
}

/** The findings of `privilege-monitor replay` over the played log. */
export async function replayedFindings({ run, folder }: Stage): Promise<Replayed[]> {
  const args = ['replay', '--logs', join(folder, playedFile), '--json'];
  const { stdout } = await run('privilege-monitor', args, { mayFail: true });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => replayedSchema.parse(JSON.parse(line)) as Replayed);
}
