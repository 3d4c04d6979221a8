import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import { type BundledEntry, bundledEntry } from './lambda-bundle.ts';

/**
 * The code of a function beside the scanner, which has an entry of its own and no scan plan: one file.
 *
 * @param entry the function's entry in `lambda/`, without `.ts`
 */
export function entryCode(entry: BundledEntry): AssetCode {
  return Code.fromAsset(fileURLToPath(new URL('../../lambda', import.meta.url)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK requires a container image as a fallback; with local bundling it is never used.
      image: DockerImage.fromRegistry('none'),
      // CDK stages a source once for equal options: without this, every entry would get the first one's code.
      environment: { ENTRY: entry },
      local: {
        tryBundle: (outputDirectory) => {
          writeFileSync(join(outputDirectory, 'index.js'), bundledEntry(entry));
          writeFileSync(join(outputDirectory, 'package.json'), '{"type":"commonjs"}\n');
          return true;
        },
      },
    },
  });
}
