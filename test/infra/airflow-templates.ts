import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { addAirflow } from '../../infra/add-monitors.ts';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { newApp } from './synthesized.ts';
import { resourcesOf, type TemplateJson } from './template-walk.ts';

/** Where the templates of these tests would be deployed. */
export const place = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' };

export interface AirflowTemplates {
  readonly key: TemplateJson;
  readonly environment: TemplateJson;
  readonly isKeyProtected: boolean;
}

/** The JSON text of templates by their fields: many suites look at the same. */
const synthesized = new Map<string, string>();

export const pipelineRole = 'arn:aws:iam::111122223333:role/pipeline';

/** The two stacks of environment `prod`, with these fields in the section `airflow`. */
export function airflowTemplates(airflow: object = {}, others: object = {}): AirflowTemplates {
  // An undefined field takes away a default.
  const key = JSON.stringify([airflow, others], (_, value) => value ?? null);
  const text = synthesized.get(key) ?? JSON.stringify(synthesize(airflow, others));
  synthesized.set(key, text);
  return JSON.parse(text);
}

function synthesize(airflow: object, others: object): AirflowTemplates {
  const config = environmentSchema.parse({
    mwaaEnvironment: 'prod',
    account: place.accountId,
    region: place.region,
    ...others,
    airflow: { airflowVersion: '3.0.6', dagWriters: [pipelineRole], ...airflow },
  });
  const app = newApp();
  if (config.airflow === undefined) throw new Error('the section airflow was given');
  addAirflow(app, { name: 'prod', config }, config.airflow);
  const stackNamed = (id: string) => {
    const stack = app.node.findChild(id);
    if (!Stack.isStack(stack)) throw new Error(`${id} is no stack`);
    return stack;
  };
  const keyStack = stackNamed('AirflowKey-prod');
  return {
    key: Template.fromStack(keyStack).toJSON() as TemplateJson,
    environment: Template.fromStack(stackNamed('AirflowEnvironment-prod')).toJSON() as TemplateJson,
    isKeyProtected: keyStack.terminationProtection === true,
  };
}

/** How another stack names the key: by the one output that its stack exports. */
export function importedKey({ key }: Pick<AirflowTemplates, 'key'>) {
  const exported = Object.entries(key.Outputs ?? {}).find(([, { Export }]) => Export !== undefined);
  return { 'Fn::ImportValue': `AirflowKey-prod:${exported?.[0]}` };
}

/** The one resource of a type. */
export function onlyResource(template: TemplateJson, type: string) {
  const [first, ...others] = resourcesOf(template, type);
  if (first === undefined || others.length > 0) throw new Error(`there is not one ${type}`);
  const [id, resource] = first;
  return { id, ...resource };
}
