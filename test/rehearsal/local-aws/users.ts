import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Clients } from './clients.ts';

/** The key of an IAM user. */
export interface UserKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Creates a user. @param policy the only rights that it has, as JSON; none without it */
export async function createUser(
  { iam }: Clients,
  UserName: string,
  policy?: string,
): Promise<UserKey> {
  await iam.send(new CreateUserCommand({ UserName }));
  if (policy !== undefined) {
    const named = { UserName, PolicyName: UserName };
    await iam.send(new PutUserPolicyCommand({ ...named, PolicyDocument: policy }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return {
    accessKeyId: String(AccessKey?.AccessKeyId),
    secretAccessKey: String(AccessKey?.SecretAccessKey),
  };
}
