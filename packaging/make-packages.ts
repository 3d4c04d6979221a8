/** `npm run package`: makes the packages of the construct and of the CLI, and shows how large they are. */

import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildCli } from './build-cli.ts';
import { buildConstruct } from './build-construct.ts';
import { projectRoot } from './bundle.ts';
import { distFolder, packPackage } from './package-files.ts';

for (const [name, build] of Object.entries({ construct: buildConstruct, cli: buildCli })) {
  const folder = join(distFolder, name);
  await build(folder);
  const { file, unpackedBytes } = packPackage(folder);
  const [packed, unpacked] = [statSync(file).size, unpackedBytes].map(megabytes);
  console.log(`${relative(projectRoot, file)}  ${packed} MB, ${unpacked} MB unpacked`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
