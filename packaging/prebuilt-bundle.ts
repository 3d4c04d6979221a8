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

/** The bundle of the witness, which is the only other function in a package. */
export function bundledEntry(entry: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../lambda/${entry}.js`, import.meta.url)));
}
