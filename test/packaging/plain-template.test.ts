// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax of Fn::Sub

import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { deployGuide } from '../../packaging/cloudformation/deploy-guide.ts';
import { withParameter } from '../../packaging/cloudformation/name-parameter.ts';
import { nameCharactersMax, plainTemplate } from '../../packaging/cloudformation/plain-template.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { newApp, withoutBundling } from '../infra/synthesized.ts';
import { resourcesOf, type TemplateJson } from '../infra/template-walk.ts';

interface PlainTemplate extends TemplateJson {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: string; readonly MaxLength?: number }>
  >;
  readonly Conditions: object;
}

const codeKey = 'code-0123.zip';
const forAny = plainTemplate(undefined, codeKey) as PlainTemplate;
const text = JSON.stringify(forAny);

/** As long as the parameter can be, so that equally many rules are needed. */
const name = 'n'.repeat(nameCharactersMax);

/** The template as CloudFormation reads it for an environment. */
function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  const { 'Fn::Sub': sub } = value as { readonly 'Fn::Sub'?: unknown };
  if (typeof sub === 'string' && sub.includes('${MwaaEnvironment}')) {
    return sub.replaceAll('${MwaaEnvironment}', name).replaceAll('${!', '${');
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item)]));
}

test('a second witness, which has code of its own, is refused', () => {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'prod', witness: { airflowVersion: '3.0.6' } },
  });
  expect(() => plainTemplate(config, codeKey)).toThrow(
    'witness: must be left out for a template without the CDK',
  );
});

test('with its parameters filled in, the template is that of an environment file', () => {
  const stack = new MonitorStack(newApp(withoutBundling), 'Monitor', {
    config: {
      ...environmentSchema.parse({
        ...{ mwaaEnvironment: name, offsetMinutes: 0, delaySeconds: 0 },
        notify: { email: ['me@example.com'] },
      }),
    },
    detections: loadDetections(),
    stackName: 'S'.repeat(128),
  });
  const own = withoutDifferences(Template.fromStack(stack).toJSON() as TemplateJson);
  const filled = withoutDifferences(filledIn(forAny) as TemplateJson);
  expect(filled).toEqual(own);
  expect(Object.keys(own).length).toBeGreaterThan(70);
});

/** Where the code is, and who is subscribed, is what the parameters say. */
function withoutDifferences({ Resources }: TemplateJson): object {
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type !== 'AWS::SNS::Subscription')
      .map(([id, { Type, Properties }]) => [
        id,
        { Type, ...Properties, ...(Type === 'AWS::Lambda::Function' && { Code: undefined }) },
      ]),
  );
}

test('it needs no bootstrap stack and no asset of the CDK', () => {
  expect(text).not.toMatch(/cdk-|[Bb]ootstrap|AssetParameters|CDKMetadata/);
  expect(Object.keys(forAny)).not.toContain('Rules');
  const [[, scanner] = []] = resourcesOf(forAny, 'AWS::Lambda::Function');
  expect(scanner?.Properties.Code).toEqual({
    S3Bucket: { Ref: 'CodeBucket' },
    S3Key: { Ref: 'CodeKey' },
  });
  expect(forAny.Parameters).toMatchObject({
    MwaaEnvironment: { MaxLength: nameCharactersMax },
    Email: { Default: '' },
    CodeKey: { Default: codeKey },
  });
});

test('without an address nobody is subscribed', () => {
  const subscriptions = Object.values(forAny.Resources).filter(
    ({ Type }) => Type === 'AWS::SNS::Subscription',
  );
  expect(subscriptions).toHaveLength(2);
  for (const subscription of subscriptions) {
    expect(subscription).toMatchObject({
      Condition: 'HasEmail',
      Properties: { Endpoint: { Ref: 'Email' } },
    });
  }
  expect(forAny.Conditions).toEqual({
    HasEmail: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Email' }, ''] }] },
  });
});

test('a template of a file has all of its settings, and no parameter but the place of the code', () => {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'x'.repeat(80), account: '111122223333', region: 'eu-west-1' },
    notify: { email: ['a@example.com', 'b@example.com'] },
  });
  const template = plainTemplate(config, codeKey) as PlainTemplate;
  expect(Object.keys(template.Parameters)).toEqual(['CodeBucket', 'CodeKey']);
  expect(resourcesOf(template, 'AWS::SNS::Subscription')).toHaveLength(4);
  expect(JSON.stringify(template)).not.toMatch(/Fn::Sub|111122223333|eu-west-1/);
});

describe('a text becomes a parameter', () => {
  const replaced = (properties: object) =>
    withParameter(
      { Resources: { A: { Type: 'T', Properties: properties } } },
      'NAME',
      'P',
    ) as TemplateJson;

  test('in texts, in parts of joins, and in substitutions', () => {
    const join = { 'Fn::Join': ['', ['a-NAME-', { Ref: 'B' }, 'b']] };
    const properties = {
      text: 'NAME costs ${x}',
      list: [join],
      sub: { 'Fn::Sub': 'NAME-${AWS::Region}' },
    };
    expect(replaced(properties).Resources.A?.Properties).toEqual({
      text: { 'Fn::Sub': '${P} costs ${!x}' },
      list: [{ 'Fn::Join': ['', [{ 'Fn::Sub': 'a-${P}-' }, { Ref: 'B' }, 'b']] }],
      sub: { 'Fn::Sub': '${P}-${AWS::Region}' },
    });
  });

  test('and stops the packaging where CloudFormation takes no function', () => {
    expect(() => replaced({ NAME: 1 })).toThrow('cannot be a parameter');
    expect(() => withParameter({ Description: 'of NAME' }, 'NAME', 'P')).toThrow(
      'cannot be a parameter',
    );
  });
});

test('the guide shows the parameters that the template has', () => {
  const any = deployGuide(codeKey, undefined);
  const given = Object.keys(forAny.Parameters).filter((key) => key !== 'CodeKey');
  for (const key of given) expect(any).toMatch(new RegExp(`${key}=.*\n[\\s\\S]*\n    ${key} +=`));
  const fixed = deployGuide(codeKey, 'prod_airflow');
  expect(fixed).toContain('--stack-name MonitorStack-prod-airflow');
  expect(fixed).not.toContain('MwaaEnvironment');
});

test('docs/packages.md has the guide for Terraform', () => {
  const page = readFileSync('docs/packages.md', 'utf8');
  const [terraform = ''] =
    /```hcl\n[\s\S]*?\n```/.exec(deployGuide('mwaa-privilege-monitor-HASH.zip', undefined)) ?? [];
  expect(page).toContain(terraform);
  expect(page).toContain(`at most ${nameCharactersMax} characters`);
});
