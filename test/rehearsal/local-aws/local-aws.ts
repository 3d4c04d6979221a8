import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Processes, Variables } from '../processes.ts';
import { until } from '../until.ts';

const program = fileURLToPath(new URL('local_aws.py', import.meta.url));

/** Where the rehearsal's AWS is. */
export const account = '000000000000';
export const region = 'eu-west-1';
/** MiniStack takes this key for the account's root. */
export const rootKey = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A running local AWS, with IAM and TLS enforced. */
export interface LocalAws {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** The file with the certificate that clients must trust. */
  readonly certificateFile: string;
  /** Trusts the certificate. */
  readonly agent: Agent;
}

/** Variables of every AWS client in a process: keys, Region, endpoint and trust. */
export function clientVariables({ url, certificateFile }: Omit<LocalAws, 'agent'>): Variables {
  return {
    AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
    ...{ AWS_REGION: region, AWS_DEFAULT_REGION: region },
    // The AWS CDK reads the endpoint of S3 separately.
    ...{ AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_S3: url },
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: certificateFile,
  };
}

/**
 * Starts the emulator and waits until it answers.
 *
 * @param base variables without AWS: `HOME`, `PATH`, `TMPDIR`
 * @param logsUrl where deployed functions reach CloudWatch Logs
 */
export async function startLocalAws(
  processes: Processes,
  about: {
    readonly python: string;
    readonly folder: string;
    readonly base: Variables;
    readonly port: number;
    readonly logsUrl: string;
  },
): Promise<LocalAws> {
  const { python, folder, base, port, logsUrl } = about;
  const url = `https://127.0.0.1:${port}`;
  const certificateFile = join(String(base.TMPDIR), 'ministack-tls/server.crt');
  const logFile = join(folder, 'local-aws.log');
  const emulator = processes.start(python, [program], {
    cwd: folder,
    output: logFile,
    // Functions run as its children and inherit these variables.
    env: {
      ...base,
      ...{ BIND_HOST: '127.0.0.1', MINISTACK_HOST: '127.0.0.1', GATEWAY_PORT: String(port) },
      ...{ MINISTACK_REGION: region, AUTH: 'true', USE_SSL: '1', CLOUDTRAIL_RECORDING: '1' },
      ...{ STATE_DIR: join(folder, 'state'), S3_DATA_DIR: join(folder, 's3') },
      ...{ AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logsUrl },
      ...{ NODE_EXTRA_CA_CERTS: certificateFile, PYTHONDONTWRITEBYTECODE: '1' },
    },
  });
  await until('the local AWS answers', 60, async () => {
    if (emulator.exitCode !== null) {
      throw new Error(`the local AWS ended: ${readFileSync(logFile, 'utf8').trim()}`);
    }
    return isHealthy(url);
  });
  const agent = new Agent({ ca: readFileSync(certificateFile), keepAlive: true });
  return { url, certificateFile, agent };
}

/** Before the certificate is known, any is accepted. */
function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`${url}/_ministack/health`, { rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
