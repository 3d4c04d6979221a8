import { type AwsPlace, topicArn } from '../aws-place.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

/** A synthesized CloudFormation template. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
}

/**
 * Resolves references and functions in a template value, as if the template were deployed to
 * `place`.
 *
 * Resources without a name are named by their logical ids, so that ARNs are the same in every run.
 * `AWS::NoValue` is undefined.
 *
 * @throws Error for a value that cannot be resolved without a deployment
 */
export function resolveValue(value: unknown, template: Template, place: AwsPlace): unknown {
  const resolve = (inner: unknown) => resolveValue(inner, template, place);
  if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;

  const [[name, argument] = [], ...others] = Object.entries(value);
  if (name === undefined || others.length > 0 || !/^(Ref|Fn::.*)$/.test(name)) {
    const members = Object.entries(value).map(([key, inner]) => [key, resolve(inner)]);
    return Object.fromEntries(members.filter(([, resolved]) => resolved !== undefined));
  }
  switch (name) {
    case 'Ref':
      return reference(String(argument), template, place);
    case 'Fn::GetAtt': {
      const [logicalId = '', attribute = ''] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return attributeOf(logicalId, attribute, template, place);
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown];
      return (resolve(parts) as unknown[]).join(separator);
    }
    case 'Fn::Sub': {
      const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
        string,
        Record<string, unknown>,
      ];
      return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, inner: string) => {
        if (literal) return `\${${inner}}`;
        if (inner in variables) return String(resolve(variables[inner]));
        const [id = '', ...attribute] = inner.split('.');
        return attribute.length > 0
          ? attributeOf(id, attribute.join('.'), template, place)
          : String(reference(inner, template, place));
      });
    }
    default:
      throw new Error(`${name} cannot be resolved without a deployment`);
  }
}

function reference(name: string, template: Template, place: AwsPlace): unknown {
  switch (name) {
    case 'AWS::AccountId':
      return place.accountId;
    case 'AWS::Region':
      return place.region;
    case 'AWS::Partition':
      return place.partition;
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return 'local';
    case 'AWS::NoValue':
      return undefined;
  }
  const parameter = template.Parameters?.[name];
  if (parameter?.Default !== undefined) return parameter.Default;
  const resource = template.Resources[name];
  if (!resource) throw new Error(`the template has no value for ${name}`);
  const physicalName = nameOf(name, template, place);
  return resource.Type === 'AWS::SNS::Topic' ? topicArn(place, physicalName) : physicalName;
}

function attributeOf(
  logicalId: string,
  attribute: string,
  template: Template,
  place: AwsPlace,
): string {
  const resource = template.Resources[logicalId];
  if (!resource) throw new Error(`the template has no resource ${logicalId}`);
  const name = nameOf(logicalId, template, place);
  if (/Name$/.test(attribute)) return name;
  if (resource.Type === 'AWS::SNS::Topic' && attribute === 'TopicArn') return topicArn(place, name);
  if (resource.Type === 'AWS::Lambda::Function' && attribute === 'Arn') {
    return `arn:${place.partition}:lambda:${place.region}:${place.accountId}:function:${name}`;
  }
  throw new Error(`${attribute} of ${logicalId} cannot be resolved without a deployment`);
}

function nameOf(logicalId: string, template: Template, place: AwsPlace): string {
  const { Type, Properties = {} } = template.Resources[logicalId] ?? { Type: '' };
  // AWS::SNS::Topic has a TopicName, AWS::SQS::Queue a QueueName, and so on.
  const given = resolveValue(Properties[`${Type.split('::').at(-1)}Name`], template, place);
  return typeof given === 'string' ? given : logicalId;
}
