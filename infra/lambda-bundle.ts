import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import { type BuildOptions, buildSync } from 'esbuild';
import { type ScanPlan, scanPlanFileName, scanPlanSchema } from '../lambda/scan-plan.ts';
import type { Detection } from '../queries/detection-schema.ts';
import { documentedDetection } from '../queries/load-detections.ts';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

export const lambdaEntry = 'lambda/handler.ts';

/**
 * How the Lambda is bundled; `npm run bench:bundle` measures it against esbuild's defaults.
 *
 * CommonJS, since Node reads one file that way faster than as a module; the SDK's module sources,
 * since its CommonJS ones cannot be shaken; one credential provider instead of six.
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
    '@aws-sdk/credential-provider-node': join(projectRoot, 'infra/environment-credentials.ts'),
  },
  // What ESM sources say for a place beside the bundle.
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/** What the Lambda asks, from the detections. */
export function scanPlan(detections: readonly Detection[]): ScanPlan {
  return scanPlanSchema.parse({
    schema: 1,
    documentedQuery: documentedDetection(detections).query,
  } satisfies ScanPlan);
}

/**
 * Writes the Lambda's asset: `index.js` with its source map, and the scan plan.
 *
 * @param outputDirectory an existing folder.
 */
export function writeLambdaAsset(outputDirectory: string, detections: readonly Detection[]): void {
  const { outputFiles } = buildSync({ ...bundleOptions, write: false });
  for (const { path, contents } of outputFiles) {
    writeFileSync(join(outputDirectory, path.slice(projectRoot.length)), contents);
  }
  // Without it, Node would take the type of whatever package.json stands above cdk.out.
  writeFileSync(join(outputDirectory, 'package.json'), '{"type":"commonjs"}\n');
  const plan = `${JSON.stringify(scanPlan(detections), null, 2)}\n`;
  writeFileSync(join(outputDirectory, scanPlanFileName), plan);
}

/** The asset as CDK wants it: bundled once for all stacks of an app, named by its content. */
export function lambdaCode(detections: readonly Detection[]): Code {
  return Code.fromAsset(join(projectRoot, 'lambda'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK asks for a container image to fall back to; the local bundling never gives it a turn.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle: (outputDirectory) => {
          writeLambdaAsset(outputDirectory, detections);
          return true;
        },
      },
    },
  });
}
