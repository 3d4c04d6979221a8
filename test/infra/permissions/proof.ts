import type { AwsPlace } from '../../../local/aws-place.ts';
import { type Access, described, type Forbidden } from './needs/access.ts';
import { oneStepBeside } from './one-step-beside.ts';
import { actionsOn, actionsOnStrangers, canBeAbout, hasKey } from './policy/aws-reference.ts';
import type { AccessRequest } from './policy/decide.ts';
import type { DeployedAccess } from './policy/deployed-access.ts';
import { removalsOf } from './removals.ts';

/** The policies of stacks, what they must allow and what they must deny. */
export interface Proof {
  readonly place: AwsPlace;
  readonly access: DeployedAccess;
  readonly needed: readonly Access[];
  /** What stays with administrators, whose own policies allow everything. */
  readonly administered: readonly AccessRequest[];
  readonly forbidden: readonly Forbidden[];
}

/** Each request once. */
export function distinct(accesses: readonly Access[]): Access[] {
  return [...new Map(accesses.map((one) => [`${one.by} ${described(one)}`, one])).values()];
}

/** What is needed and not allowed. */
export function refused({ access, needed, administered }: Proof): string[] {
  return [...needed, ...administered]
    .filter((one) => access.decide(one) !== 'allowed')
    .map(described);
}

/** What is one step beside something needed, or forbidden to everybody, and is allowed. */
export function wronglyAllowed(proof: Proof): string[] {
  return notToAllow(proof)
    .filter(({ request }) => proof.access.decide(request) === 'allowed')
    .map(({ request, why }) => `${why}: ${described(request)}`);
}

interface Denial {
  readonly why: string;
  readonly request: AccessRequest;
}

function notToAllow({ needed, forbidden }: Pick<Proof, 'needed' | 'forbidden'>): Denial[] {
  const beside = needed.flatMap((one) =>
    oneStepBeside(one).map((request) => ({ why: `other ${request.changed}`, request })),
  );
  return [...beside, ...forbidden.map((request) => ({ why: request.why, request }))];
}

/**
 * Actions of AWS that a caller is allowed and no request needs, nor one of their family: on a resource
 * that it needs, on a part of it, or (for a role, whose policies need not name a resource) on one that
 * no template has.
 */
export function neededByNobody({ access, needed, place }: Proof): string[] {
  const named = ({ caller, action, resource }: AccessRequest) =>
    described({ caller, action, resource, context: {} });
  const isNeeded = new Set(needed.map(named));
  const isOpen = ({ caller, action }: AccessRequest) =>
    needed.some(
      (one) =>
        isSame(one.caller, caller) &&
        ((one.open?.action !== undefined && action.startsWith(one.action)) ||
          (one.open?.form !== undefined && one.open.name !== undefined && action === one.action)),
    );
  const roles = needed
    .map(({ caller }) => caller)
    .filter(
      (one, at, all) => one.kind === 'role' && all.findIndex((each) => isSame(each, one)) === at,
    );
  const others: AccessRequest[] = [
    ...needed.flatMap((one) =>
      actionsOn(one.resource).map((other) => ({
        ...{ caller: one.caller, ...other },
        context: contextFor(other.action, one),
      })),
    ),
    ...roles.flatMap((caller) =>
      actionsOnStrangers(place).map((other) => ({ caller, ...other, context: {} })),
    ),
  ];
  const found = others
    .filter((other) => !isNeeded.has(named(other)) && access.decide(other) === 'allowed')
    .filter((other) => !isOpen(other))
    .map(named);
  return [...new Set(found)];
}

/** What a request for another action can say of it. */
function contextFor(action: string, { context }: AccessRequest): AccessRequest['context'] {
  return Object.fromEntries(Object.entries(context).filter(([key]) => hasKey(action, key)));
}

function isSame(one: AccessRequest['caller'], other: AccessRequest['caller']): boolean {
  if (one.kind === 'service') return other.kind === 'service' && one.name === other.name;
  return other.kind === 'role' && one.arn === other.arn;
}

/** Parts of policies without which everything needed is allowed, and everything else denied. */
export function removedUnnoticed(proof: Proof): string[] {
  const { access, needed, administered } = proof;
  const denials = notToAllow(proof);
  return access.policies.flatMap((policy) => {
    const concerned = [...needed, ...administered].filter((one) => access.concerns(policy, one));
    const denied = denials.filter(({ request }) => access.concerns(policy, request));
    return removalsOf(policy)
      .filter(({ document }) => {
        const without = access.replacing(policy, document);
        return (
          concerned.every((one) => without.decide(one) === 'allowed') &&
          denied.every(({ request }) => without.decide(request) !== 'allowed')
        );
      })
      .map(({ what }) => what);
  });
}

/** Requests in a form that AWS's reference does not have: the table of rights is wrong about AWS. */
export function unlikeAws({ needed }: Pick<Proof, 'needed'>): string[] {
  return needed
    .filter(({ action, resource, context, open }) => {
      const isForm = canBeAbout(action, resource);
      const areKeys = Object.keys(context).every((key) => hasKey(action, key));
      return !areKeys || !(isForm || open?.form !== undefined);
    })
    .map(described);
}
