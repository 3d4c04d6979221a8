import type { SyncTransformer } from '@jest/transform';
import { transformSync } from 'esbuild';

/** Compiles with the bundler that builds the Lambda; types are checked by `npm run check`. */
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
