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
 * Clients which answer the SDK's commands as AWS would for an environment. The SDK's own clients
 * take milliseconds each to be made, and nothing but `send` is used of them.
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
  const clients: DoctorClients = {
    region: observed.region,
    mwaa: {
      region: observed.region,
      credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
      endpoint: 'http://mwaa.invalid',
      fetch: fakeFetch(answer),
    },
    logs: client('logs', answer),
    cloudWatch: client('cloudwatch', answer),
    kms: client('kms', answer),
    iam: client('iam', answer),
    s3: client('s3', answer),
    sns: client('sns', answer),
    cloudFormation: client('cloudformation', answer),
    cloudTrail: client('cloudtrail', answer),
  };
  return { clients, calls };
}

/** An error as the SDK throws it, with the service's error name. */
export function serviceError(name: string, message = 'as the test wants it'): Error {
  return Object.assign(new Error(message), { name });
}

interface Command {
  readonly input: object;
}

function client<C>(
  service: string,
  answer: (action: string, input: Readonly<Record<string, unknown>>) => unknown,
): C {
  const send = async (command: Command) => {
    const operation = `${service}:${command.constructor.name.replace(/Command$/, '')}`;
    return answer(actionNames[operation] ?? operation, { ...command.input });
  };
  return { send } as C;
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
