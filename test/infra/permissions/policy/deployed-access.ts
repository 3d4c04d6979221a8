import type { PolicyDocument } from '../../../../doctor/policy/policy-document.ts';
import type { AwsPlace } from '../../../../local/aws-place.ts';
import {
  type DeployedResource,
  DeployedTemplates,
  type OneTemplate,
} from '../../deployed-templates.ts';
import { type AccessRequest, accountOf, decide, type Outcome } from './decide.ts';
import { type PolicyKind, readStrictly } from './strict-policy.ts';

/** One policy of the templates. */
export interface DeployedPolicy {
  /** How a failing test names it. */
  readonly name: string;
  readonly kind: PolicyKind;
  /** The ARN of the role or of the resource to which it is attached. */
  readonly of: string;
  readonly document: PolicyDocument;
}

/** The policies of templates as deployed, and what they decide. */
export class DeployedAccess {
  readonly policies: readonly DeployedPolicy[];
  readonly #account: string;
  readonly #boundary: PolicyDocument | undefined;
  /** Each role and each resource is looked up once. */
  readonly #found = new Map<string, PolicyDocument | undefined>();

  /** @param boundary the permissions boundary of every role */
  constructor(
    policies: readonly DeployedPolicy[],
    account: string,
    boundary?: PolicyDocument | undefined,
  ) {
    this.policies = policies;
    this.#account = account;
    this.#boundary = boundary;
  }

  /** The same with another document in place of a policy's. */
  replacing(policy: DeployedPolicy, document: PolicyDocument): DeployedAccess {
    const policies = this.policies.map((one) => (one === policy ? { ...one, document } : one));
    return new DeployedAccess(policies, this.#account, this.#boundary);
  }

  /** Whether a policy takes part in the decision on a request. */
  concerns({ kind, of }: DeployedPolicy, { caller, resource }: AccessRequest): boolean {
    return kind === 'identity' ? caller.kind === 'role' && caller.arn === of : isIn(resource, of);
  }

  decide(request: AccessRequest): Outcome {
    const { caller, resource } = request;
    const isRole = caller.kind === 'role';
    const ofRole = isRole ? this.#attached('identity', caller.arn) : undefined;
    const own = isRole ? (caller.own ?? []) : [];
    return decide(request, {
      identity: ofRole === undefined ? own : [ofRole, ...own],
      boundary: ofRole === undefined ? undefined : this.#boundary,
      resource: this.#attached('resource', resource) ?? this.#policyElsewhere(request),
      owner: accountOf(resource) || this.#account,
    });
  }

  /** All that is attached to a role or a resource, as one document. */
  #attached(side: 'identity' | 'resource', arn: string): PolicyDocument | undefined {
    const key = `${side} ${arn}`;
    if (!this.#found.has(key)) {
      const policies = this.policies.filter(
        ({ kind, of }) =>
          (kind === 'identity') === (side === 'identity') &&
          (side === 'identity' ? of === arn : isIn(arn, of)),
      );
      const statements = policies.flatMap(({ document }) => document.statements);
      this.#found.set(key, policies.length === 0 ? undefined : { statements });
    }
    return this.#found.get(key);
  }

  /**
   * The policy of a resource that no template has: another account lets everybody in, so that only the
   * caller's own policies can stop it; a key of this account lets the account in, as KMS makes it. What
   * services of AWS may do there is nothing that these stacks decide.
   */
  #policyElsewhere({ caller, resource }: AccessRequest): PolicyDocument | undefined {
    const owner = accountOf(resource);
    if (caller.kind === 'service') return undefined;
    if (owner !== '' && owner !== this.#account) return allowing('*');
    if (resource.split(':')[2] !== 'kms') return undefined;
    return allowing({ AWS: [`arn:aws:iam::${this.#account}:root`] });
  }
}

function allowing(Principal: '*' | { AWS: string[] }): PolicyDocument {
  return { statements: [{ Effect: 'Allow', Principal, Action: ['*'], Resource: ['*'] }] };
}

/** The resource itself, or an object of a bucket. */
function isIn(resource: string, arn: string): boolean {
  return resource === arn || (resource.split(':')[2] === 's3' && resource.startsWith(`${arn}/`));
}

/** Where templates have policies, and how each names what it is attached to. */
const resourcePolicies: readonly {
  readonly type: string;
  readonly property: string;
  readonly of: (resource: DeployedResource) => readonly unknown[];
}[] = [
  { type: 'AWS::KMS::Key', property: 'KeyPolicy', of: ({ arn }) => [arn] },
  { type: 'AWS::SNS::TopicPolicy', property: 'PolicyDocument', of: named('Topics') },
  { type: 'AWS::SQS::QueuePolicy', property: 'PolicyDocument', of: named('Queues') },
  { type: 'AWS::S3::BucketPolicy', property: 'PolicyDocument', of: named('Bucket') },
];

function named(property: string) {
  return ({ properties }: DeployedResource) => [properties[property]].flat();
}

/**
 * All policies of templates.
 *
 * @throws Error for a policy in a place that is not read here, and for one that `readStrictly` refuses
 */
export function policiesOf(templates: readonly OneTemplate[], place: AwsPlace): DeployedPolicy[] {
  const deployed = new DeployedTemplates(templates, place);
  const roles = deployed.all('AWS::IAM::Role');
  const roleArn = (name: unknown) => roles.find((role) => role.name === name)?.arn ?? '';
  const arns = new Map(
    ['AWS::SQS::Queue', 'AWS::S3::Bucket'].flatMap((type) =>
      deployed.all(type).map(({ name, arn = '' }) => [name, arn] as const),
    ),
  );
  const read = new Set<unknown>();
  const policy = (name: string, kind: PolicyKind, of: string, document: unknown) => {
    read.add(document);
    return { name, kind, of, document: readStrictly(document, kind, name) };
  };
  const found = [
    ...roles.flatMap(({ name, arn = '', properties }) => {
      if (properties.ManagedPolicyArns !== undefined)
        throw new Error(`${name}: has managed policies`);
      const inline = (properties.Policies ?? []) as {
        PolicyName: string;
        PolicyDocument: unknown;
      }[];
      return [
        policy(`trust policy of ${name}`, 'trust', arn, properties.AssumeRolePolicyDocument),
        ...inline.map(({ PolicyName, PolicyDocument }) =>
          policy(`policy ${PolicyName} of ${name}`, 'identity', arn, PolicyDocument),
        ),
      ];
    }),
    ...deployed
      .all('AWS::IAM::Policy')
      .flatMap(({ name, properties }) =>
        [properties.Roles]
          .flat()
          .map((role) =>
            policy(`policy ${name}`, 'identity', roleArn(role), properties.PolicyDocument),
          ),
      ),
    ...resourcePolicies.flatMap(({ type, property, of }) =>
      deployed.all(type).flatMap((resource) =>
        of(resource).map((attached) => {
          // A queue's policy names its URL, a bucket's its name.
          const arn = arns.get(String(attached)) ?? String(attached);
          return policy(
            `${property} of ${resource.name}`,
            'resource',
            arn,
            resource.properties[property],
          );
        }),
      ),
    ),
    ...deployed.all('AWS::Events::EventBusPolicy').map(({ name, properties }) => {
      const bus = deployed.one(
        'AWS::Events::EventBus',
        (one) => one.name === properties.EventBusName,
      );
      const document = { Version: '2012-10-17', Statement: [properties.Statement] };
      return policy(`policy of the bus ${name}`, 'resource', bus.arn ?? '', document);
    }),
    ...deployed
      .all('AWS::Lambda::Permission')
      .map(({ name, properties }) =>
        policy(name, 'resource', String(properties.FunctionName), invokePolicy(properties)),
      ),
  ];
  const permissions = deployed.all('AWS::Lambda::Permission').length;
  const there = countStatements(templates) + permissions;
  if (there !== read.size) {
    throw new Error(`the templates have ${there} policies, of which ${read.size} are read here`);
  }
  return found;
}

/**
 * A permission as the statement that Lambda makes of it.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
function invokePolicy(properties: Readonly<Record<string, unknown>>): object {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount, ...others } = properties;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`AWS::Lambda::Permission: ${other} is not read here`);
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      ...{ Action, Resource: FunctionName },
      Principal: { Service: Principal },
      Condition: {
        ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
        ...(SourceAccount !== undefined && {
          StringEquals: { 'aws:SourceAccount': SourceAccount },
        }),
      },
    },
  };
}

/** Counts what looks like a policy, anywhere in the templates. */
function countStatements(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, one) => sum + countStatements(one), 0);
  return inside + ('Statement' in value ? 1 : 0);
}
