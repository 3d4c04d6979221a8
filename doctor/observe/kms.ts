import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListGrantsCommand,
} from '@aws-sdk/client-kms';
import { z } from 'zod';
import {
  type Grant,
  grantShape,
  type KeyRotation,
  keyMetadataShape,
  keyRotationShape,
} from '../shapes/kms.ts';
import type { ObservedKey } from '../shapes/observation.ts';
import type { Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

type Kms = Pick<DoctorClients, 'kms'>;

const describeShape = z
  .object({ KeyMetadata: keyMetadataShape })
  .transform(({ KeyMetadata }) => KeyMetadata);
const policyShape = z.object({ Policy: z.string() }).transform(({ Policy }) => Policy);

/** @param name key ID, ARN or alias; only DescribeKey accepts an alias, so it is called first */
export async function observeKey(ask: Ask, { kms }: Kms, name: string): Promise<ObservedKey> {
  const metadata = await ask('kms:DescribeKey', describeShape, () =>
    kms.send(new DescribeKeyCommand({ KeyId: name })),
  );
  const KeyId = (metadata.kind === 'known' ? metadata.value.Arn : undefined) ?? name;
  const policy = await ask('kms:GetKeyPolicy', policyShape, () =>
    kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
  );
  return { metadata, policy };
}

export function getKeyRotation(ask: Ask, { kms }: Kms, KeyId: string): Promise<Part<KeyRotation>> {
  return ask('kms:GetKeyRotationStatus', keyRotationShape, () =>
    kms.send(new GetKeyRotationStatusCommand({ KeyId })),
  );
}

export function listGrants(ask: Ask, { kms }: Kms, KeyId: string): Promise<Part<Grant[]>> {
  return ask('kms:ListGrants', z.array(grantShape), () =>
    allPages(async (Marker) => {
      const page = await kms.send(new ListGrantsCommand({ KeyId, Marker }));
      return { items: page.Grants, next: page.Truncated === false ? undefined : page.NextMarker };
    }),
  );
}
