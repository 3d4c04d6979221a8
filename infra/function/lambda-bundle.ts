import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild';
import { type ScanPlan, scanPlanFileName } from '../../lambda/plan/scan-plan.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export const lambdaEntry = 'lambda/handler.ts';

/**
 * How the Lambda is bundled; `npm run bench:bundle` measures it against esbuild's defaults.
 *
 * CommonJS, since Node loads one file faster that way than as a module; the SDK's module sources,
 * since its CommonJS ones cannot be tree-shaken; one credential provider instead of six; no event
 * streams, since no operation of the function has one.
 */
export const bundleOptions = {
  // Names in the source map are relative to these two: the asset's hash must not depend on where
  // the project was checked out.
  absWorkingDir: projectRoot,
  outfile: join(projectRoot, 'index.js'),
  entryPoints: [lambdaEntry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  alias: {
    '@aws-sdk/credential-provider-node': join(projectRoot, 'infra/function/bundle-replacements.ts'),
    '@smithy/core/event-streams': join(projectRoot, 'infra/function/bundle-replacements.ts'),
  },
  // By these, sources find the files beside the bundle.
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/**
 * Writes the Lambda's asset: `index.js` with its source map, and the scan plan.
 *
 * @param outputDirectory an existing folder.
 */
export function writeLambdaAsset(outputDirectory: string, plan: ScanPlan): void {
  for (const { path, contents } of bundle()) {
    writeFileSync(join(outputDirectory, path.slice(projectRoot.length)), contents);
  }
  // Without it, Node would take the type from the nearest package.json above cdk.out.
  writeFileSync(join(outputDirectory, 'package.json'), '{"type":"commonjs"}\n');
  writeFileSync(join(outputDirectory, scanPlanFileName), planText(plan));
}

let bundled: OutputFile[] | undefined;

/** Built once per process: all environments run the same code. */
function bundle(): readonly OutputFile[] {
  bundled ??= buildSync({ ...bundleOptions, write: false }).outputFiles;
  return bundled;
}

function planText(plan: ScanPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** The asset for CDK, named by its content: environments with equal plans share one. */
export function lambdaCode(plan: ScanPlan): Code {
  return Code.fromAsset(join(projectRoot, 'lambda'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK requires a container image as a fallback; with local bundling it is never used.
      image: DockerImage.fromRegistry('none'),
      // CDK stages a source once for equal options: without this, every environment would get the
      // plan of the first.
      environment: { SCAN_PLAN_SHA256: createHash('sha256').update(planText(plan)).digest('hex') },
      local: {
        tryBundle: (outputDirectory) => {
          writeLambdaAsset(outputDirectory, plan);
          return true;
        },
      },
    },
  });
}
