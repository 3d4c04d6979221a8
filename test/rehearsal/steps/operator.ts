import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../../doctor/report.ts';
import { createUser } from '../local-aws/users.ts';
import type { Variables } from '../processes.ts';
import { findingMessage } from '../read/messages.ts';
import type { Stage } from '../stage.ts';
import { environmentName } from './deploy.ts';
import type { Inboxes } from './results.ts';

/** The doctor needs no more than the policy in its documentation. */
export async function askDoctor(stage: Stage): Promise<void> {
  const { checks, clients, product } = stage;
  checks.step('doctor', 'docs/doctor-policy.json is enough to examine a deployed monitor');
  const policy = await readFile(join(product, 'docs/doctor-policy.json'), 'utf8');
  const key = await createUser(clients, 'doctor', policy);
  const env = {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  };
  const report = await doctorReport(stage, environmentName, env);
  checks.none(
    'it may ask everything that it needs',
    report.checks.filter(({ missing }) => missing.length > 0),
  );
  checks.none(
    'the monitor is sound; its alarms may ring, because privileges were changed, and no trail exists',
    report.checks.filter(
      ({ area, id, result }) => area === 'monitor' && !mayFail.has(id) && result !== 'pass',
    ),
  );
}

const mayFail = new Set(['monitor-alarms', 'tamper-notices']);

export async function doctorReport(
  { run }: Stage,
  environment: string,
  env: Variables = {},
): Promise<Report> {
  const args = ['doctor', '--env', environment, '--json'];
  const { stdout } = await run('privilege-monitor', args, { env, mayFail: true });
  return JSON.parse(stdout);
}

/** `send-test` must reach the subscribers of both topics. */
export async function sendTest(
  { checks, run }: Stage,
  { findings, alarms }: Inboxes,
): Promise<void> {
  checks.step('send-test', 'a test finding and a test alarm reach the subscribers');
  for (const inbox of [findings, alarms]) await inbox.take();
  const args = ['send-test', '--env', environmentName];
  const { exitCode, output } = await run('privilege-monitor', args, { mayFail: true });
  checks.check('it reports that both arrived', exitCode === 0, output);
  const messages = (await findings.take()).map(findingMessage);
  checks.check(
    'a subscriber has received the test finding, once',
    messages.length === 1 && messages[0]?.kind === 'test',
    messages,
  );
  const rung = await alarms.take();
  checks.check('a subscriber has received the test alarm', rung.length > 0, rung);
}
