import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Observed, ObservedKey } from '../shapes/observation.ts';
import { defaultEncryption } from '../shapes/s3.ts';
import type { Ask } from './ask.ts';
import { byName } from './by-name.ts';
import type { DoctorClients } from './clients.ts';
import { getKeyRotation, listGrants, observeKey } from './kms.ts';

type OwnKey = Pick<Observed, 'rotation' | 'grants'> & {
  readonly keys: Readonly<Record<string, ObservedKey>>;
};

/**
 * The environment's key. KMS returns rotation and grants for an ID or ARN only, not for an alias.
 */
export async function observeOwnKey(
  ask: Ask,
  clients: DoctorClients,
  { KmsKey }: MwaaEnvironment,
): Promise<OwnKey> {
  if (KmsKey === undefined) return { keys: {} };
  const key = await observeKey(ask, clients, KmsKey);
  const name = (key.metadata.kind === 'known' ? key.metadata.value.Arn : undefined) ?? KmsKey;
  const [rotation, grants] = await Promise.all([
    getKeyRotation(ask, clients, name),
    listGrants(ask, clients, name),
  ]);
  return { keys: { [KmsKey]: key }, rotation, grants };
}

/** The keys that log groups, topics and buckets use, except those already known. */
export function observeOtherKeys(
  ask: Ask,
  clients: DoctorClients,
  {
    logGroups,
    topics,
    buckets,
  }: Pick<Observed, 'logGroups' | 'buckets'> & Pick<Observed['monitor'], 'topics'>,
  alreadyKnown: Readonly<Record<string, ObservedKey>>,
): Promise<Record<string, ObservedKey>> {
  const names = new Set([
    ...keysOfGroups(logGroups),
    ...keysOfTopics(topics),
    ...keysOfBuckets(buckets),
  ]);
  for (const name of Object.keys(alreadyKnown)) names.delete(name);
  return byName(names, (name) => observeKey(ask, clients, name));
}

function keysOfGroups(logGroups: Observed['logGroups']): string[] {
  return logGroups.kind === 'known'
    ? logGroups.value.flatMap(({ kmsKeyId }) => kmsKeyId ?? [])
    : [];
}

function keysOfBuckets(buckets: Observed['buckets']): string[] {
  return Object.values(buckets).flatMap(({ encryption }) =>
    encryption.kind === 'known' ? (defaultEncryption(encryption.value).KMSMasterKeyID ?? []) : [],
  );
}

function keysOfTopics(topics: Observed['monitor']['topics']): string[] {
  return Object.values(topics).flatMap(({ attributes }) => {
    const key = attributes.kind === 'known' ? attributes.value.KmsMasterKeyId : undefined;
    return key === undefined || key === '' ? [] : [key];
  });
}
