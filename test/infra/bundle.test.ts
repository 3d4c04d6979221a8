import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Template } from 'aws-cdk-lib/assertions';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import {
  defaultProvider,
  EventStreamSerde,
  eventStreamSerdeProvider,
  resolveEventStreamSerdeConfig,
  SignatureV4MultiRegion,
} from '../../infra/function/bundle-replacements.ts';
import { bundledEntry } from '../../infra/function/lambda-bundle.ts';
import { writeLambdaAsset } from '../../infra/function/lambda-code.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { alarmDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import { scanPlanSchema } from '../../lambda/plan/scan-plan.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { newApp, withWitness } from './synthesized.ts';
import { resourcesOf, type TemplateJson } from './template-walk.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const asset = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(asset, { recursive: true }));

writeLambdaAsset(
  asset,
  scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] }),
);
const textOf = (name: string) => readFileSync(join(asset, name), 'utf8');

test('the asset contains the bundle, its source map, its module type and the scan plan', () => {
  expect(readdirSync(asset).toSorted()).toEqual([
    'index.js',
    'index.js.map',
    'package.json',
    'scan-plan.json',
  ]);
});

test('the scan plan contains the documented query, byte for byte', () => {
  const plan = scanPlanSchema.parse(JSON.parse(textOf('scan-plan.json')));
  expect(plan.documentedQuery).toBe(
    'fields @log, @timestamp, @message | filter @message like "add-role" | stats count() by @log',
  );
});

test('the bundle exports the handler and needs nothing but Node', () => {
  const bundle: { handler?: unknown } = createRequire(import.meta.url)(join(asset, 'index.js'));
  expect(typeof bundle.handler).toBe('function');
  const required = [...textOf('index.js').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id);
  expect(required.filter((id) => !id?.startsWith('node:') && !nodeModules.has(id ?? ''))).toEqual(
    [],
  );
});

const nodeModules = new Set(createRequire(import.meta.url)('node:module').builtinModules);

test('the asset, and so its hash, does not depend on where the project is checked out', () => {
  for (const name of readdirSync(asset)) expect(textOf(name)).not.toContain(projectRoot);
  const { sources } = JSON.parse(textOf('index.js.map')) as { sources: string[] };
  expect(sources).toContain('lambda/handler.ts');
  expect(sources.filter((source) => /^[./]/.test(source))).toEqual([]);
});

test('the only credential provider in the bundle is the environment', () => {
  const { sources } = JSON.parse(textOf('index.js.map')) as { sources: string[] };
  expect(sources.filter((source) => /credential-provider|nested-clients/.test(source))).toEqual([]);
});

test('the bundle signs for one Region only', () => {
  const { sources } = JSON.parse(textOf('index.js.map')) as { sources: string[] };
  expect(sources.filter((source) => /signature-v4-multi-region/.test(source))).toEqual([]);
  expect(SignatureV4MultiRegion.name).toBe('SignatureV4');
});

test('the bundle has no event streams: a client works without them, and using them throws', () => {
  const { sources } = JSON.parse(textOf('index.js.map')) as { sources: string[] };
  expect(sources.filter((source) => /submodules\/event-streams/.test(source))).toEqual([]);
  expect(resolveEventStreamSerdeConfig(nodeModules)).toBe(nodeModules);
  expect(() => eventStreamSerdeProvider()).toThrow('left out of this bundle');
  expect(() => new EventStreamSerde()).toThrow('left out of this bundle');
});

test('the bundle has the metrics and none of the texts of their alarms', () => {
  expect(textOf('index.js')).toContain('ScanCompleted');
  for (const { runbook, ringsWhen } of Object.values(alarmDefinitions)) {
    expect(textOf('index.js')).not.toContain(`runbook:"${runbook}"`);
    expect(textOf('index.js')).not.toContain(ringsWhen);
  }
});

test('the bundle has no parser of queries or regexps: the plan contains their results', () => {
  const { sources } = JSON.parse(textOf('index.js.map')) as { sources: string[] };
  expect(sources.filter((source) => /re2js|^quer/.test(source))).toEqual([]);
});

describe('the credentials of the bundle', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test("are Lambda's own", async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    });
    await expect(defaultProvider()()).resolves.toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      sessionToken: 'token',
    });
  });

  test('are named in the error when they are missing', async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    await expect(defaultProvider()()).rejects.toThrow(
      /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    );
  });
});

test('environments with equal plans share one asset, and different plans do not', () => {
  const approval = {
    dag: 'promote',
    verb: 'grant-role',
    user: 'bob',
    role: 'Viewer',
    reason: 'r',
    owner: 'o',
    expires: '2026-12-31',
  };
  const app = newApp();
  const stacks = [[], [approval], []].map((approvedChanges, index) => {
    const config = environmentSchema.parse({ mwaaEnvironment: `prod${index}`, approvedChanges });
    return new MonitorStack(app, config.mwaaEnvironment, { config, detections: loadDetections() });
  });
  const keys = stacks.map((stack) => {
    const template = Template.fromStack(stack).toJSON() as TemplateJson;
    return resourcesOf(template, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties.Code,
    );
  });
  expect(keys[0]).toHaveLength(1);
  expect(keys[2]).toEqual(keys[0]);
  expect(keys[1]).not.toEqual(keys[0]);
});

test('the witness has a bundle of its own, which needs nothing but Node and exports its handler', () => {
  const text = Buffer.from(bundledEntry('witness-handler')).toString('utf8');
  const file = join(asset, 'witness.js');
  writeFileSync(file, text);
  const bundle: { witnessHandler?: unknown } = createRequire(import.meta.url)(file);
  expect(typeof bundle.witnessHandler).toBe('function');
  const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id ?? '');
  expect(required.filter((id) => !id.startsWith('node:') && !nodeModules.has(id))).toEqual([]);
});

test('scanner and witness of one stack have different code', () => {
  const app = newApp();
  const config = environmentSchema.parse({ mwaaEnvironment: 'prod', ...withWitness });
  const stack = new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  const template = Template.fromStack(stack).toJSON() as TemplateJson;
  const codes = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
    JSON.stringify(Properties.Code),
  );
  expect(codes).toHaveLength(2);
  expect(new Set(codes).size).toBe(2);
});
