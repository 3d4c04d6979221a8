import { matchesWildcard } from '../../../../doctor/policy/wildcard.ts';
import type { AwsPlace } from '../../../../local/aws-place.ts';
import reference from './aws-authorization.json' with { type: 'json' };

/**
 * What AWS's Service Authorization Reference said in June 2026 of the services that the templates name: their
 * actions, the resource types of each, and its condition keys. `isWhole`: with all actions of the
 * service. Left out: keys of tags, attestations, request headers and identity providers.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/<page>.html
 */
interface ServiceReference {
  readonly page: string;
  readonly isWhole: boolean;
  readonly actions: Readonly<Record<string, ActionReference>>;
  /** The ARN of each resource type, with `${…}` in place of its parts. */
  readonly resources: Readonly<Record<string, string | undefined>>;
}

interface ActionReference {
  /** Resource types; none: the action knows `*` only. */
  readonly resources: readonly string[];
  readonly keys?: readonly string[];
}

const services: Readonly<Record<string, ServiceReference | undefined>> = reference.services;

/**
 * The keys of all services that the templates and the requests of these tests use.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const globalKeys = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceVpc',
  // Of every call by the code of a function:
  // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
  'lambda:SourceFunctionArn',
];

/** `logs:StartQuery` as service and name. @throws Error for a service that is not in the reference */
function partsOf(action: string): { readonly service: ServiceReference; readonly name: string } {
  const [prefix = '', name = ''] = action.split(':');
  const service = services[prefix];
  if (service === undefined)
    throw new Error(`no service of the reference has the action ${action}`);
  return { service, name };
}

/**
 * All actions of AWS that an `Action` element names.
 *
 * @throws Error for a pattern that names no action, or one of a service that the reference lacks
 */
export function actionsNamed(pattern: string): string[] {
  const { service, name } = partsOf(pattern);
  const found = Object.keys(service.actions).filter((action) =>
    matchesWildcard(name.toLowerCase(), action.toLowerCase()),
  );
  if (found.length === 0) throw new Error(`AWS has no action ${pattern}`);
  return found.map((action) => `${pattern.split(':')[0]}:${action}`);
}

/** Whether a request for an action can be about a resource. */
export function canBeAbout(action: string, resource: string): boolean {
  return resourceForms(action).some((form) => isOfForm(resource, form));
}

/** No name in an ARN has a colon, but that of an object. */
function isOfForm(resource: string, form: string): boolean {
  if (form === '*' || resource === '*') return form === resource;
  return patternOf(form).test(resource);
}

const patterns = new Map<string, RegExp>();

function patternOf(form: string): RegExp {
  const known = patterns.get(form);
  if (known !== undefined) return known;
  const text = form
    .replace(/[.*+?^()|[\]\\]/g, '\\$&')
    .replace(/\$\{(\w+)\}/g, (_match, name) => (name === 'ObjectName' ? '.*' : '[^:]*'));
  const pattern = new RegExp(`^${text}$`);
  patterns.set(form, pattern);
  return pattern;
}

/** One action of AWS on one resource. */
interface ActionOn {
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resource. */
  readonly resource: string;
}

/**
 * All actions on a resource, on its parts (streams of a log group, indexes of a table), of the services
 * that the reference has as a whole.
 */
export function actionsOn(resource: string): ActionOn[] {
  const own = resource.replace(/:\*$/, '');
  const parts = [
    ...(/:log-group:[^:]+$/.test(own) ? [`${own}:log-stream:any`] : []),
    ...(/:table\/[^/]+$/.test(own) ? [`${own}/index/any`, `${own}/stream/any`] : []),
  ];
  return [resource, ...parts].flatMap((asked) =>
    wholeServices
      // Most forms are of another service, which is cheaper to see.
      .filter(
        ({ forms, arnService }) =>
          arnService === asked.split(':')[2] && forms.some((form) => isOfForm(asked, form)),
      )
      .map(({ action }) => ({ action, resource: asked })),
  );
}

/** All actions, each on a resource of that place that no template has, or on `*`. */
export function actionsOnStrangers({ partition, region, accountId }: AwsPlace): ActionOn[] {
  const given: Readonly<Record<string, string>> = {
    ...{ Partition: partition, Region: region, Account: accountId },
  };
  return wholeServices.flatMap(({ action, forms }) =>
    forms.map((form) => ({
      action,
      resource: form.replace(/\$\{(\w+)\}/g, (_match, name: string) => given[name] ?? 'stranger'),
    })),
  );
}

/** Whether a request for an action can have a condition key. `*` in the reference is any name. */
export function hasKey(action: string, key: string): boolean {
  const { service, name } = partsOf(action);
  const own = service.actions[name]?.keys ?? [];
  return [...globalKeys, ...own].some((known) =>
    matchesWildcard(known.toLowerCase(), key.toLowerCase()),
  );
}

/** The ARNs that a request for an action can be about, with `${…}`; `*` where it knows no resource. */
function resourceForms(action: string): string[] {
  const { service, name } = partsOf(action);
  const types = service.actions[name]?.resources;
  if (types === undefined) throw new Error(`AWS has no action ${action}`);
  if (types.length === 0) return ['*'];
  return types.map((type) => service.resources[type] ?? '');
}

/** With the ARNs, as patterns, that each action can be about. */
const wholeServices = Object.entries(services).flatMap(([prefix, service]) =>
  service?.isWhole
    ? Object.keys(service.actions).map((name) => {
        const action = `${prefix}:${name}`;
        const forms = resourceForms(action);
        return { action, forms, arnService: forms[0]?.split(':')[2] };
      })
    : [],
);
