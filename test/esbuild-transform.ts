import type { SyncTransformer } from '@jest/transform';
import { transformSync } from 'esbuild';

/** Compiles tests with the bundler that builds the Lambda; `npm run check` checks the types. */
const transformer: SyncTransformer = {
  process: (source, sourcefile) =>
    transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node24',
      sourcefile,
      sourcemap: 'inline',
    }),
};

export default transformer;
