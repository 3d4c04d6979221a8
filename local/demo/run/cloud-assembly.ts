import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from '../../../lambda/plan/runtime-config.ts';
import {
  type WitnessConfig,
  witnessConfigSchema,
  witnessConfigVariable,
} from '../../../lambda/witness/witness-config.ts';
import { resolveValue, type Template } from '../../alarms/read-alarms.ts';
import { localPlace } from '../../aws-place.ts';

/** A function as in a cloud assembly: what `cdk deploy` would deploy. */
export interface SynthesizedFunction {
  readonly functionName: string;
  readonly bundleFile: string;
  readonly handlerName: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
}

/** The monitor as in a cloud assembly. */
export interface SynthesizedMonitor extends SynthesizedFunction {
  readonly template: Template;
  readonly config: RuntimeConfig;
}

/** The second witness as in a cloud assembly. */
export interface SynthesizedWitness extends SynthesizedFunction {
  readonly config: WitnessConfig;
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
  const { template, ...scanner } = await readFunction(directory, runtimeConfigVariable);
  const text = scanner.environmentVariables[runtimeConfigVariable] ?? '';
  return { ...scanner, template, config: runtimeConfigSchema.parse(JSON.parse(text)) };
}

/**
 * Finds the function of the second witness in the same way.
 *
 * @throws Error naming the directory and what it lacks
 */
export async function readWitness(directory: string): Promise<SynthesizedWitness> {
  const { template: _, ...witness } = await readFunction(directory, witnessConfigVariable);
  const text = witness.environmentVariables[witnessConfigVariable] ?? '';
  return { ...witness, config: witnessConfigSchema.parse(JSON.parse(text)) };
}

/** @param variable the environment variable that the function has */
async function readFunction(
  directory: string,
  variable: string,
): Promise<SynthesizedFunction & { readonly template: Template }> {
  const files = await readdir(directory);
  const templateFile = files.find((file) => file.endsWith('.template.json'));
  if (!templateFile) throw new Error(`the cloud assembly ${directory} contains no template`);

  const template: Template = await readJson(join(directory, templateFile));
  const assets: AssetManifest = await readJson(
    join(directory, templateFile.replace('.template.json', '.assets.json')),
  );
  const [logicalId, properties] = findFunction(template, templateFile, variable);
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
  };
}

function findFunction(
  template: Template,
  templateFile: string,
  variable: string,
): [logicalId: string, properties: FunctionProperties] {
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const properties = Properties as unknown as FunctionProperties;
    if (properties.Environment?.Variables?.[variable]) return [logicalId, properties];
  }
  throw new Error(`${templateFile} contains no function with the variable ${variable}`);
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
