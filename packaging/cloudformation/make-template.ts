/**
 * `npm run package:cloudformation`: a template and the function's code for those who deploy without the CDK.
 * With `-- --environment-file PATH`, all settings are those of that file; without it, for any environment.
 */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type EnvironmentConfig,
  readEnvironmentFile,
} from '../../infra/config/environment-config.ts';
import { writeLambdaAsset } from '../../infra/function/lambda-code.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { projectRoot } from '../bundle.ts';
import { distFolder, emptyFolder, writeJson } from '../package-files.ts';
import { deployGuide } from './deploy-guide.ts';
import { plainTemplate, settingsForAny } from './plain-template.ts';
import { zipArchive } from './zip-archive.ts';

// The template is for any account and Region.
delete process.env.CDK_DEFAULT_ACCOUNT;
delete process.env.CDK_DEFAULT_REGION;

try {
  const config = configFromOptions();
  const folder = join(distFolder, 'cloudformation');
  const code = zipArchive(functionFiles(scanPlan(loadDetections(), config ?? settingsForAny())));
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const codeFile = `mwaa-privilege-monitor-${hash}.zip`;
  const template = plainTemplate(config, codeFile);
  emptyFolder(folder);
  writeFileSync(join(folder, codeFile), code);
  writeJson(join(folder, 'template.json'), template);
  writeFileSync(join(folder, 'README.md'), deployGuide(codeFile, config?.mwaaEnvironment));
  const place = relative(projectRoot, folder);
  console.log([...readdirSync(folder)].map((name) => join(place, name)).join('\n'));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function configFromOptions(): EnvironmentConfig | undefined {
  const path = optionOf(() => parseArgs({ options: { 'environment-file': { type: 'string' } } }));
  return path === undefined ? undefined : readEnvironmentFile(path, path).config;
}

function optionOf(parse: () => { values: { 'environment-file'?: string } }): string | undefined {
  try {
    return parse().values['environment-file'];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(
      `usage: npm run package:cloudformation [-- --environment-file PATH]: ${error.message}`,
    );
  }
}

/** What `cdk deploy` would upload. */
function functionFiles(plan: ScanPlan): Map<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'function-'));
  try {
    writeLambdaAsset(folder, plan);
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
