import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import type { DoctorClients } from '../../doctor/observe/aws-access.ts';
import type { Observed } from '../../doctor/shapes/observation.ts';
import { answersOf } from './fake-answers.ts';

/** One recorded call. */
export interface Call {
  /** The IAM action. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Returns the answer to a call, or throws the service's error. */
export type Answer = (call: Call) => unknown;

/** The IAM actions whose names differ from the operation's. */
const actionNames: Readonly<Record<string, string>> = {
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
};

/**
 * The SDK's own clients, intercepted before the network, which answer as AWS would for an
 * environment.
 *
 * @param change overrides the answer to a call; `usual` returns AWS's answer
 */
export function fakeAws(
  observed: Observed,
  change: (call: Call, usual: () => unknown) => unknown = (_call, usual) => usual(),
): { clients: DoctorClients; calls: Call[] } {
  const calls: Call[] = [];
  const usual = answersOf(observed);
  const answer = (action: string, input: Readonly<Record<string, unknown>>) => {
    const call = { action, input };
    calls.push(call);
    return change(call, () => usual(call));
  };
  const configuration = {
    region: observed.region,
    credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
  };
  const clients: DoctorClients = {
    region: observed.region,
    mwaa: { ...configuration, endpoint: 'http://mwaa.invalid', fetch: fakeFetch(answer) },
    logs: stopped('logs', new CloudWatchLogsClient(configuration), answer),
    cloudWatch: stopped('cloudwatch', new CloudWatchClient(configuration), answer),
    kms: stopped('kms', new KMSClient(configuration), answer),
    iam: stopped('iam', new IAMClient(configuration), answer),
    s3: stopped('s3', new S3Client(configuration), answer),
    sns: stopped('sns', new SNSClient(configuration), answer),
    cloudFormation: stopped('cloudformation', new CloudFormationClient(configuration), answer),
    cloudTrail: stopped('cloudtrail', new CloudTrailClient(configuration), answer),
  };
  return { clients, calls };
}

/** An error as the SDK throws it, with the service's error name. */
export function serviceError(name: string, message = 'as the test wants it'): Error {
  return Object.assign(new Error(message), { name });
}

interface Stack {
  readonly middlewareStack: {
    add(
      middleware: (
        next: unknown,
        context: { readonly commandName?: string },
      ) => (args: { readonly input: object }) => Promise<{ response: object; output: object }>,
      options: { readonly step: 'initialize' },
    ): void;
  };
}

function stopped<C>(
  service: string,
  client: C,
  answer: (action: string, input: Readonly<Record<string, unknown>>) => unknown,
): C {
  (client as Stack).middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const operation = `${service}:${commandName.replace(/Command$/, '')}`;
        const output = answer(actionNames[operation] ?? operation, { ...input });
        return { response: {}, output: output as object };
      },
    { step: 'initialize' },
  );
  return client;
}

function fakeFetch(
  answer: (action: string, input: Readonly<Record<string, unknown>>) => unknown,
): typeof fetch {
  return async (resource, init) => {
    const { pathname } = new URL(String(resource));
    const name = /^\/environments\/(.+)$/.exec(pathname)?.[1];
    const action = name === undefined ? 'airflow:ListEnvironments' : 'airflow:GetEnvironment';
    try {
      const input = { name, method: init?.method ?? 'GET' };
      return new Response(JSON.stringify(answer(action, input)), { status: 200 });
    } catch (error) {
      const { name: type, message } = error as Error;
      const headers = { 'x-amzn-errortype': type };
      return new Response(JSON.stringify({ message }), { status: 400, headers });
    }
  };
}
