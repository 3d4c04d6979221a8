import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { region } from '../local-aws/local-aws.ts';
import { createUser, type UserKey } from '../local-aws/users.ts';
import type { Stage } from '../stage.ts';

/** The local AWS must refuse what AWS refuses, or everything after this would show nothing. */
export async function checkEnforcement(stage: Stage): Promise<void> {
  const { checks, clients, aws } = stage;
  checks.step('local AWS', 'it refuses what AWS refuses, and only this machine can reach it');
  const key = await createUser(clients, 'nobody');
  const denied = await errorOf(stage, key);
  checks.check('a user without a policy is denied', denied.startsWith('AccessDenied'), denied);
  const forged = await errorOf(stage, { ...key, secretAccessKey: 'guessed' });
  checks.check(
    'a signature with a wrong key is refused',
    forged.startsWith('SignatureDoesNotMatch'),
    forged,
  );
  const plain = await fetch(aws.url.replace('https:', 'http:')).then(
    ({ status }) => status,
    () => 'no answer',
  );
  checks.check('it answers only over TLS', plain === 'no answer', plain);
  const port = Number(new URL(aws.url).port);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  const open = await Promise.all(
    others.map(async ({ address }) => ((await isOpen(address, port)) ? [address] : [])),
  );
  checks.none('it listens on 127.0.0.1 only', open.flat());
}

async function errorOf({ aws: { url, agent } }: Stage, credentials: UserKey): Promise<string> {
  const client = new SQSClient({
    ...{ endpoint: url, region, credentials, maxAttempts: 1 },
    requestHandler: { httpsAgent: agent },
  });
  return client.send(new ListQueuesCommand({})).then(
    () => 'allowed',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

const connectTimeoutMs = 2000;

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(connectTimeoutMs, () => end(false));
  });
}
