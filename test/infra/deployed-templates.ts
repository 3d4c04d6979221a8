import { createHash } from 'node:crypto';
import { resolveValue, type Template } from '../../local/alarms/read-alarms.ts';
import { type AwsPlace, logGroupArn, topicArn } from '../../local/aws-place.ts';

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

export interface OneTemplate extends Template {
  readonly Outputs?: Readonly<Record<string, Output>>;
}

export interface DeployedResource {
  readonly logicalId: string;
  /** Its name in `Ref`: a physical name where it has one, or its logical id. */
  readonly name: string;
  readonly arn: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Templates as if they were deployed to `place`: every reference resolved, also from one stack to
 * another. A resource without a name is called by its logical id.
 */
export class DeployedTemplates {
  private readonly templates: readonly OneTemplate[];
  readonly place: AwsPlace;

  constructor(templates: readonly OneTemplate[], place: AwsPlace) {
    this.templates = templates;
    this.place = place;
  }

  /** All resources of a type, in the order of the templates. */
  all(type: string): DeployedResource[] {
    return this.templates.flatMap((template) =>
      Object.entries(template.Resources)
        .filter(([, { Type }]) => Type === type)
        .map(([logicalId, { Properties = {} }]) => ({
          logicalId,
          name: String(resolveValue({ Ref: logicalId }, template, this.place)),
          arn: this.arnOf(logicalId, template),
          properties: this.resolve(Properties, template) as Record<string, unknown>,
        })),
    );
  }

  /** @throws Error when there is not exactly one that fits */
  one(type: string, fits: (resource: DeployedResource) => boolean = () => true): DeployedResource {
    const [found, ...others] = this.all(type).filter(fits);
    if (found === undefined || others.length > 0) throw new Error(`there is not one ${type}`);
    return found;
  }

  /** The value of the output of that name, in whichever template has it. */
  output(name: string): string {
    const template = this.templates.find(({ Outputs }) => Outputs?.[name] !== undefined);
    if (template === undefined) throw new Error(`no template has the output ${name}`);
    return String(this.resolve(template.Outputs?.[name]?.Value, template));
  }

  private resolve(value: unknown, template: OneTemplate): unknown {
    return resolveValue(this.withArns(value, template), template, this.place);
  }

  /** Fills in what only a deployment, or another stack, knows. */
  private withArns(value: unknown, template: OneTemplate): unknown {
    if (Array.isArray(value)) return value.map((item) => this.withArns(item, template));
    if (typeof value !== 'object' || value === null) return value;
    if ('Fn::ImportValue' in value) return this.imported(value['Fn::ImportValue']);
    if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])) {
      const [logicalId = '', attribute = ''] = value['Fn::GetAtt'].map(String);
      if (/Arn$/.test(attribute)) return this.arnOf(logicalId, template) ?? value;
      // An id that AWS gives is written as its reference.
      return /Name$/.test(attribute) ? value : `${logicalId}.${attribute}`;
    }
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([key, item]) => [key, this.withArns(item, template)]));
  }

  private imported(name: unknown): unknown {
    for (const template of this.templates) {
      for (const { Value, Export } of Object.values(template.Outputs ?? {})) {
        if (Export?.Name === name) return this.resolve(Value, template);
      }
    }
    throw new Error(`no template exports ${String(name)}`);
  }

  private arnOf(logicalId: string, template: OneTemplate): string | undefined {
    const { accountId, region, partition } = this.place;
    switch (template.Resources[logicalId]?.Type) {
      case 'AWS::KMS::Key':
        return `arn:${partition}:kms:${region}:${accountId}:key/${keyIdOf(`${this.templates.indexOf(template)} ${logicalId}`)}`;
      case 'AWS::S3::Bucket':
        return `arn:${partition}:s3:::${logicalId}`;
      case 'AWS::IAM::Role':
        return `arn:${partition}:iam::${accountId}:role/${logicalId}`;
      case 'AWS::Logs::LogGroup': {
        const name = resolveValue({ Ref: logicalId }, template, this.place);
        return `${logGroupArn(this.place, String(name))}:*`;
      }
      case 'AWS::Events::Rule':
        return `arn:${partition}:events:${region}:${accountId}:rule/${template.Resources[logicalId]?.Properties?.Name ?? logicalId}`;
      case 'AWS::Events::EventBus': {
        const name = String(template.Resources[logicalId]?.Properties?.Name);
        return `arn:${partition}:events:${region}:${accountId}:event-bus/${name}`;
      }
      case 'AWS::Lambda::Function':
        return `arn:${partition}:lambda:${region}:${accountId}:function:${logicalId}`;
      case 'AWS::SQS::Queue':
        return `arn:${partition}:sqs:${region}:${accountId}:${logicalId}`;
      case 'AWS::SNS::Topic':
        return topicArn(this.place, logicalId);
      case 'AWS::DynamoDB::Table':
        return `arn:${partition}:dynamodb:${region}:${accountId}:table/${logicalId}`;
      default:
        return undefined;
    }
  }
}

/** A key id, which is a UUID, and always the same for a resource. */
function keyIdOf(resource: string): string {
  const hex = createHash('sha256').update(resource).digest('hex');
  return [0, 8, 12, 16, 20]
    .map((from, at, starts) => hex.slice(from, starts[at + 1] ?? 32))
    .join('-');
}
