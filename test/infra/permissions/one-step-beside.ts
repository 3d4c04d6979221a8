import type { Access, OpenPart } from './access.ts';
import type { AccessRequest } from './decide.ts';

/** A request that differs from a needed one in one part. */
export interface Neighbour extends AccessRequest {
  readonly changed: OpenPart;
}

const otherAccount = '444455556666';
const otherRegion = 'us-west-2';

/**
 * All requests one step beside a needed one: another account, Region or name of the resource, another
 * caller, another value of each key, a request without each key, and one without TLS.
 */
export function oneStepBeside(access: Access): Neighbour[] {
  const { caller, action, resource, context } = access;
  const base: AccessRequest = { caller, action, resource, context };
  const changed = (part: OpenPart, change: Partial<AccessRequest>): Neighbour => ({
    ...base,
    ...change,
    changed: part,
  });
  return [
    ...otherResources(resource).map(([part, other]) => changed(part, { resource: other })),
    ...otherCallers(access).map((other) => changed('caller', { caller: other })),
    ...Object.entries(context).flatMap(([key, value]) => {
      const { [key]: _, ...rest } = context;
      return [
        ...otherValues(value).map((other) =>
          changed(`key ${key}`, { context: { ...context, [key]: other } }),
        ),
        changed(`key ${key}`, { context: rest }),
      ];
    }),
    ...(asksForTls.includes(resource.split(':')[2] ?? '')
      ? [changed('key aws:SecureTransport', { context: { ...context, ...withoutTls } })]
      : []),
  ];
}

const withoutTls = { 'aws:SecureTransport': 'false' };
/** The services whose resources have a policy that refuses requests without TLS. */
const asksForTls = ['sns', 'sqs', 's3'];

function otherResources(resource: string): [OpenPart, string][] {
  if (resource === '*') return [];
  const [arn, partition, service, region = '', account = '', ...rest] = resource.split(':');
  const name = rest.join(':');
  const written = (parts: { region?: string; account?: string; name?: string }) =>
    [
      ...[arn, partition, service, parts.region ?? region, parts.account ?? account],
      parts.name ?? name,
    ].join(':');
  return [
    ...otherNames(name).map((other): [OpenPart, string] => ['name', written({ name: other })]),
    ...(account === '' ? [] : [['account', written({ account: otherAccount })] as const]),
    ...(region === '' ? [] : [['Region', written({ region: otherRegion })] as const]),
  ].map(([part, other]): [OpenPart, string] => [part, other]);
}

/**
 * Another resource of the same kind: one of another environment, one whose name goes on, and one of
 * which this is the end.
 */
function otherNames(name: string): string[] {
  const [, kind = '', own = '', rest = ''] =
    /^((?:log-group|function|key|table|environment|role|secret|alarm|rule)[:/])?([^:/]+|\/[^:]+)(.*)$/.exec(
      name,
    ) ?? [];
  const environments = own.includes('prod') ? [own.replace('prod', 'staging')] : [];
  return [`${own}2`, `x${own}`, ...environments].map((other) => kind + other + rest);
}

function otherCallers({ caller }: Access): Access['caller'][] {
  return caller.kind === 'service'
    ? [{ kind: 'service', name: 'ec2.amazonaws.com' }]
    : [{ kind: 'role', arn: `${caller.arn}2` }];
}

/** Another value of the same form. */
function otherValues(value: string): string[] {
  if (value.startsWith('arn:')) return otherResources(value).map(([, other]) => other);
  if (/^\d{12}$/.test(value)) return [otherAccount];
  if (/^[a-z0-9]+\.[a-z0-9-]+\.amazonaws\.com$/.test(value)) {
    const [service = '', region = ''] = value.split('.');
    return [value.replace(service, 'ec2'), value.replace(region, otherRegion)];
  }
  return [`${value}2`];
}
