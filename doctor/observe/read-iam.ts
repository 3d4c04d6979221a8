import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { z } from 'zod';
import { type RolePolicy, rolePolicyShape, roleShape } from '../shapes/iam.ts';
import type { ObservedRole } from '../shapes/observation.ts';
import { known, type Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

type Iam = Pick<DoctorClients, 'iam'>;

const roleAnswer = z.object({ Role: roleShape }).transform(({ Role }) => Role);
const names = z.array(z.string());
const versionAnswer = z
  .object({ Policy: z.object({ DefaultVersionId: z.string() }) })
  .transform(({ Policy }) => Policy.DefaultVersionId);
const documentAnswer = z
  .object({ PolicyVersion: z.object({ Document: z.string() }) })
  .transform(({ PolicyVersion }) => PolicyVersion.Document);

/** A role with all of its policies; one unreadable policy makes `policies` a missing part. */
export async function observeRole(ask: Ask, clients: Iam, RoleName: string): Promise<ObservedRole> {
  const [role, inline, attached] = await Promise.all([
    ask('iam:GetRole', roleAnswer, () => clients.iam.send(new GetRoleCommand({ RoleName }))),
    inlinePolicies(ask, clients, RoleName),
    attachedPolicies(ask, clients, RoleName),
  ]);
  return {
    role,
    policies: inline.kind !== 'known' ? inline : together(inline.value, attached),
    boundary: role.kind === 'known' ? await boundaryOf(ask, clients, role.value) : role,
  };
}

function together(inline: RolePolicy[], attached: Part<RolePolicy[]>): Part<RolePolicy[]> {
  return attached.kind === 'known' ? known([...inline, ...attached.value]) : attached;
}

async function inlinePolicies(
  ask: Ask,
  { iam }: Iam,
  RoleName: string,
): Promise<Part<RolePolicy[]>> {
  const listed = await ask('iam:ListRolePolicies', names, () =>
    allPages(async (Marker) => {
      const page = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker }));
      return { items: page.PolicyNames, next: page.Marker };
    }),
  );
  return eachOf(listed, (PolicyName) =>
    ask('iam:GetRolePolicy', rolePolicyShape, async () => {
      const answer = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { name: PolicyName, document: answer.PolicyDocument };
    }),
  );
}

async function attachedPolicies(
  ask: Ask,
  clients: Iam,
  RoleName: string,
): Promise<Part<RolePolicy[]>> {
  const listed = await ask('iam:ListAttachedRolePolicies', names, () =>
    allPages(async (Marker) => {
      const page = await clients.iam.send(
        new ListAttachedRolePoliciesCommand({ RoleName, Marker }),
      );
      return { items: page.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn), next: page.Marker };
    }),
  );
  return eachOf(listed, async (arn) => {
    const document = await managedPolicy(ask, clients, arn);
    return document.kind === 'known' ? known({ name: arn, document: document.value }) : document;
  });
}

async function boundaryOf(
  ask: Ask,
  clients: Iam,
  { PermissionsBoundary }: z.output<typeof roleShape>,
): Promise<Part<string | null>> {
  const arn = PermissionsBoundary?.PermissionsBoundaryArn;
  return arn === undefined ? known(null) : managedPolicy(ask, clients, arn);
}

async function managedPolicy(ask: Ask, { iam }: Iam, PolicyArn: string): Promise<Part<string>> {
  const version = await ask('iam:GetPolicy', versionAnswer, () =>
    iam.send(new GetPolicyCommand({ PolicyArn })),
  );
  if (version.kind !== 'known') return version;
  return ask('iam:GetPolicyVersion', documentAnswer, () =>
    iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: version.value })),
  );
}

async function eachOf(
  listed: Part<string[]>,
  fetchOne: (name: string) => Promise<Part<RolePolicy>>,
): Promise<Part<RolePolicy[]>> {
  if (listed.kind !== 'known') return listed;
  const fetched = await Promise.all(listed.value.map(fetchOne));
  const policies: RolePolicy[] = [];
  for (const part of fetched) {
    if (part.kind !== 'known') return part;
    policies.push(part.value);
  }
  return known(policies);
}
