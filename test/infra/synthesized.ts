import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';

/** An app with the project's feature flags, which only the CDK CLI would give it. */
export function newApp(context: Record<string, unknown> = {}): App {
  return new App({ context: { ...cdkJson.context, ...context } });
}

/** For tests that do not need the Lambda's code. */
export const withoutBundling = { 'aws:cdk:bundling-stacks': [] };

/** The settings of a monitor that has every part: with a second witness of both kinds. */
export const withWitness = { witness: { airflowVersion: '2.10.3', snapshot: true } };

/** The JSON text of templates by the fields of their environment: many suites look at the same. */
const synthesized = new Map<string, string>();

/** The template of one environment, by default `prod`. */
export function templateOf(fields: object = {}): Template {
  // An undefined field takes away a default.
  const key = JSON.stringify(fields, (_, value) => value ?? null);
  const text = synthesized.get(key) ?? JSON.stringify(synthesize(fields));
  synthesized.set(key, text);
  return Template.fromJSON(JSON.parse(text));
}

function synthesize(fields: object): object {
  const config = environmentSchema.parse({
    mwaaEnvironment: 'prod',
    notify: { email: ['oncall@example.com'] },
    ...fields,
  });
  const app = newApp(withoutBundling);
  const stack = new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  return Template.fromStack(stack).toJSON();
}
