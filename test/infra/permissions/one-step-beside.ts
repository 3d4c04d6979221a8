import type { Access, OpenPart } from './needs/access.ts';
import type { AccessRequest } from './policy/decide.ts';

/** A request that differs from a needed one in one part. */
export interface Neighbour extends AccessRequest {
  readonly changed: OpenPart;
}

const otherAccount = '444455556666';
const otherRegion = 'us-west-2';

/**
 * All requests one step beside a needed one: another account, Region or name of the resource, another
 * caller, another value of each key, a request without each key, and one without TLS. What is open
 * about the needed request is left out.
 */
export function oneStepBeside(access: Access): Neighbour[] {
  const { caller, action, resource, context, open = {} } = access;
  const base: AccessRequest = { caller, action, resource, context };
  const changed = (part: OpenPart, change: Partial<AccessRequest>): Neighbour => ({
    ...base,
    ...change,
    changed: part,
  });
  return [
    ...otherArns(resource).map(([part, other]) => changed(part, { resource: other })),
    ...otherCallers(access).map((other) => changed('caller', { caller: other })),
    ...Object.entries(context).flatMap(([key, value]) => {
      const { [key]: _, ...rest } = context;
      return [
        changed(`key ${key}`, { context: rest }),
        ...otherValues(value).map(([part, other]) =>
          changed(`key ${key}: ${part}`, { context: { ...context, [key]: other } }),
        ),
      ];
    }),
    ...(asksForTls.includes(resource.split(':')[2] ?? '')
      ? [changed('key aws:SecureTransport', { context: { ...context, ...withoutTls } })]
      : []),
  ].filter(({ changed: part }) => {
    const [whole = ''] = part.split(': ');
    return open[part] === undefined && open[whole as OpenPart] === undefined;
  });
}

const withoutTls = { 'aws:SecureTransport': 'false' };
/** The services whose resources have a policy that refuses requests without TLS. */
const asksForTls = ['sns', 'sqs', 's3'];

type ArnPart = 'name' | 'longer name' | 'account' | 'Region';

function otherArns(resource: string): [ArnPart, string][] {
  if (resource === '*') return [];
  const [arn, partition, service, region = '', account = '', ...rest] = resource.split(':');
  const written = (given: { region?: string; account?: string; name?: string }) =>
    [
      ...[arn, partition, service, given.region ?? region, given.account ?? account],
      given.name ?? rest.join(':'),
    ].join(':');
  const all: [ArnPart, string][] = [
    ...otherNames(rest.join(':')).map(([part, name]): [ArnPart, string] => [
      part,
      written({ name }),
    ]),
    ['account', account && written({ account: otherAccount })],
    ['Region', region && written({ region: otherRegion })],
  ];
  return all.filter(([, other]) => other !== '');
}

const kinds = ['log-group:', 'function:', 'secret:', 'alarm:', 'key/', 'table/', 'environment/'];

/**
 * Another resource of the same kind: one whose name goes on, one whose name ends like this, and the one
 * of another environment.
 */
function otherNames(name: string): ['name' | 'longer name', string][] {
  const kind =
    kinds.find((start) => name.startsWith(start)) ?? /^(?:role|rule)\//.exec(name)?.[0] ?? '';
  // A bucket's name ends before the object's.
  const [own = ''] = name.slice(kind.length).split(kind === '' ? /[:/]/ : ':');
  const rest = name.slice(kind.length + own.length);
  return [
    ['longer name', `${kind}${own}2${rest}`],
    ['name', `${kind}x${own}${rest}`],
    ...(own.includes('prod')
      ? [['name', `${kind}${own.replace('prod', 'staging')}${rest}`] as ['name', string]]
      : []),
  ];
}

function otherCallers({ caller }: Access): Access['caller'][] {
  return caller.kind === 'service'
    ? [{ kind: 'service', name: 'ec2.amazonaws.com' }]
    : [{ kind: 'role', arn: `${caller.arn}2` }];
}

/** Other values of the same form, and what is other about them. */
function otherValues(value: string): [string, string][] {
  if (value.startsWith('arn:')) return otherArns(value);
  if (/^\d{12}$/.test(value)) return [['account', otherAccount]];
  if (/^[a-z0-9]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(value)) {
    const [service = '', region = ''] = value.split('.');
    return [
      ['service', value.replace(service, 'ec2')],
      ['Region', value.replace(region, otherRegion)],
    ];
  }
  return [['value', `${value}2`]];
}
