import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AssetCode, Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import { Aspects, AssetHashType, type CfnResource, DockerImage, Lazy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type ScanPlan, scanPlanFileName } from '../../lambda/plan/scan-plan.ts';
import { bundledFiles } from './lambda-bundle.ts';

const sourceFolder = fileURLToPath(new URL('../../lambda', import.meta.url));

/**
 * Writes the Lambda's asset: `index.js` with its source map, and the scan plan.
 *
 * @param outputDirectory an existing folder.
 */
export function writeLambdaAsset(outputDirectory: string, plan: ScanPlan): void {
  for (const { name, contents } of bundledFiles()) {
    writeFileSync(join(outputDirectory, name), contents);
  }
  // Without it, Node would take the type from the nearest package.json above cdk.out.
  writeFileSync(join(outputDirectory, 'package.json'), '{"type":"commonjs"}\n');
  writeFileSync(join(outputDirectory, scanPlanFileName), planText(plan));
}

function planText(plan: ScanPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** The asset for CDK, named by its content: environments with equal plans share one. */
function assetCode(plan: ScanPlan): AssetCode {
  return Code.fromAsset(sourceFolder, {
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

/** The code of a function whose scan plan is settled when the app is synthesized. */
export class CodeWithPlan extends Code {
  private readonly plan: () => ScanPlan;
  private resource: CfnResource | undefined;
  private staged: CodeConfig | undefined;

  /** @param plan called once, when the synthesis begins */
  constructor(plan: () => ScanPlan) {
    super();
    this.plan = plan;
  }

  override bind(scope: Construct): CodeConfig {
    // Aspects run before the templates are written, and may still add an asset.
    Aspects.of(scope).add({ visit: (node) => node === scope && this.stage(scope) });
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => this.location().bucketName }),
        objectKey: Lazy.string({ produce: () => this.location().objectKey }),
      },
    };
  }

  override bindToResource(resource: CfnResource): void {
    this.resource = resource;
  }

  private stage(scope: Construct): void {
    if (this.staged !== undefined) return;
    const code = assetCode(this.plan());
    this.staged = code.bind(scope);
    if (this.resource !== undefined) code.bindToResource(this.resource);
  }

  private location() {
    if (this.staged?.s3Location === undefined) {
      throw new Error('the code of the scanner is known once the app is synthesized');
    }
    return this.staged.s3Location;
  }
}
