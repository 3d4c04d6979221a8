import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from '../../../lambda/plan/runtime-config.ts';
import { resolveValue, type Template } from '../../alarms/read-alarms.ts';
import { localPlace } from '../../aws-place.ts';

/** The monitor as in a cloud assembly: what `cdk deploy` would deploy. */
export interface SynthesizedMonitor {
  readonly template: Template;
  readonly functionName: string;
  readonly bundleFile: string;
  readonly handlerName: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly config: RuntimeConfig;
}

interface FunctionProperties {
  readonly Handler: string;
  readonly Code: { readonly S3Key: string };
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  /** @default 3, as Lambda documents */
  readonly Timeout?: number;
  /** @default 128, as Lambda documents */
  readonly MemorySize?: number;
}

interface AssetManifest {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/**
 * Finds the monitor's function, its bundle and its variables in a cloud assembly with one stack.
 *
 * @throws Error naming the directory and what it lacks
 */
export async function readCloudAssembly(directory: string): Promise<SynthesizedMonitor> {
  const files = await readdir(directory);
  const templateFile = files.find((file) => file.endsWith('.template.json'));
  if (!templateFile) throw new Error(`the cloud assembly ${directory} contains no template`);

  const template: Template = await readJson(join(directory, templateFile));
  const assets: AssetManifest = await readJson(
    join(directory, templateFile.replace('.template.json', '.assets.json')),
  );
  const [logicalId, properties] = findMonitorFunction(template, templateFile);
  const variables = resolveValue(
    properties.Environment.Variables,
    template,
    localPlace,
  ) as Readonly<Record<string, string>>;
  const [module = '', handlerName = ''] = properties.Handler.split('.');

  return {
    template,
    functionName: String(resolveValue({ Ref: logicalId }, template, localPlace)),
    bundleFile: findBundle(assetDirectory(directory, assets, properties.Code.S3Key), module),
    handlerName,
    environmentVariables: variables,
    timeoutSeconds: properties.Timeout ?? 3,
    memoryMegabytes: properties.MemorySize ?? 128,
    config: runtimeConfigSchema.parse(JSON.parse(variables[runtimeConfigVariable] ?? '')),
  };
}

function findMonitorFunction(
  template: Template,
  templateFile: string,
): [logicalId: string, properties: FunctionProperties] {
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const properties = Properties as unknown as FunctionProperties;
    if (properties.Environment?.Variables?.[runtimeConfigVariable]) return [logicalId, properties];
  }
  throw new Error(
    `${templateFile} contains no function with the variable ${runtimeConfigVariable}`,
  );
}

function assetDirectory(directory: string, assets: AssetManifest, s3Key: string): string {
  const asset = assets.files[s3Key.replace(/\.zip$/, '')];
  if (!asset) throw new Error(`the asset ${s3Key} of the Lambda is not in ${directory}`);
  return join(directory, asset.source.path);
}

function findBundle(directory: string, module: string): string {
  const candidates = ['mjs', 'cjs', 'js'].map((extension) => `${module}.${extension}`);
  const found = candidates.find((file) => existsSync(join(directory, file)));
  if (!found) {
    throw new Error(
      `the Lambda's bundle is missing: none of ${candidates.join(', ')} is in ${directory}`,
    );
  }
  return join(directory, found);
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8'));
}
