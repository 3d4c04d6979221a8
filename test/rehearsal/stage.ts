import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsEndpoints, startAwsEndpoints } from '../../local/aws-endpoints/aws-endpoints.ts';
import { recordedSessions } from '../../local/demo/session/load-session.ts';
import { InsightsEngine } from '../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../local/log-event.ts';
import { readLogs } from '../../local/log-readers/read-logs.ts';
import type { Checks } from './checks.ts';
import { type Clients, clientsOf } from './local-aws/clients.ts';
import {
  account,
  clientVariables,
  freePort,
  type LocalAws,
  region,
  startLocalAws,
} from './local-aws/local-aws.ts';
import { type LogsFront, startLogsFront } from './local-aws/logs-front.ts';
import { type CommandResult, type Processes, runCommand, type Variables } from './processes.ts';
import { copyProduct } from './product-copy.ts';

/** A local AWS, the logs that the monitor reads there, and a copy of the product. */
export interface Stage {
  readonly checks: Checks;
  readonly clients: Clients;
  readonly aws: LocalAws;
  readonly front: LogsFront;
  readonly engine: InsightsEngine;
  /** The scratch folder; every process has it in its environment. */
  readonly folder: string;
  /** The copy of the product. */
  readonly product: string;
  /** Runs a command of the product, such as `cdk`, in its copy. */
  readonly run: RunProduct;
  close(): Promise<void>;
}

type RunProduct = (
  command: 'cdk' | 'node' | 'privilege-monitor',
  args: readonly string[],
  options?: {
    readonly env?: Variables;
    /** @default false: another exit code than 0 throws */
    readonly mayFail?: boolean;
  },
) => Promise<CommandResult>;

/** A command of the product ended otherwise than the rehearsal needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** @param about a folder that is empty */
export async function openStage(
  checks: Checks,
  processes: Processes,
  about: { readonly python: string; readonly folder: string },
): Promise<Stage> {
  const { python, folder } = about;
  const product = join(folder, 'product');
  await copyProduct(product);
  const base = {
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    PATH: `${join(product, 'node_modules/.bin')}:/usr/bin:/bin`,
    LANG: 'C.UTF-8',
  };
  for (const path of [base.HOME, base.TMPDIR]) mkdirSync(path);

  const engine = await InsightsEngine.open();
  const endpoints: AwsEndpoints = await startAwsEndpoints({
    engine,
    place: { accountId: account, region, partition: 'aws' },
  });
  const front = await startLogsFront();
  const port = await freePort();
  const logsUrl = front.url;
  const aws = await startLocalAws(processes, { python, folder, base, port, logsUrl });
  front.connect({ emulatorUrl: aws.url, emulatorAgent: aws.agent, engineUrl: endpoints.url });

  const variables = {
    ...base,
    ...clientVariables(aws),
    // With --no-notices: the CDK CLI asks nothing on the internet.
    ...{ CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true' },
  };
  const run: RunProduct = async (command, args, { env = {}, mayFail = false } = {}) => {
    const path = join(product, 'node_modules/.bin', command);
    const place = { env: { ...variables, ...env }, cwd: product };
    const more = command === 'cdk' ? ['--no-notices'] : [];
    const result = await runCommand(processes, path, [...args, ...more], place);
    if (result.exitCode !== 0 && !mayFail) {
      const end = result.output.trim().split('\n').slice(-20).join('\n');
      throw new CommandError(`${command} ${args.join(' ')} ended with ${result.exitCode}:\n${end}`);
    }
    return result;
  };
  return {
    ...{ checks, clients: clientsOf(aws), aws, front, engine, folder, product, run },
    async close() {
      await processes.stop();
      aws.agent.destroy();
      await front.close();
      await endpoints.close();
      engine.close();
    },
  };
}

/** A recorded session of this project, ordered by time. */
export async function recordedEvents(airflowVersion: string): Promise<LogEvent[]> {
  const session = recordedSessions.get(airflowVersion);
  if (session === undefined) throw new Error(`no session of Airflow ${airflowVersion} is recorded`);
  const reading = readLogs(session.path, { unknownTypes: 'refuse', nowEpochMs: Date.now() });
  const events: LogEvent[] = [];
  for await (const event of reading) events.push(event);
  return events.toSorted((a, b) => a.timestamp - b.timestamp);
}

export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8'));
}
