import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * In a package, what `infra/function/lambda-bundle.ts` is in this project: the same files, built when the
 * package was, so that nobody's synthesis needs esbuild.
 */
export function bundledFiles() {
  return ['index.js', 'index.js.map'].map((name) => ({
    name,
    contents: readFileSync(fileURLToPath(new URL(`../lambda/${name}`, import.meta.url))),
  }));
}
