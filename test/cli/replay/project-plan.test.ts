import { build } from 'esbuild';
import { sourcesOfPlan } from '../../../cli/replay/project-plan.ts';

test('the kept plan is made anew when any file changes that makes it', async () => {
  const { metafile } = await build({
    entryPoints: ['cli/replay/make-project-plan.ts'],
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    ...{ write: false, metafile: true, outfile: 'plan.js', logLevel: 'error' },
  });
  const sources = new Set(sourcesOfPlan());
  expect(Object.keys(metafile.inputs).filter((path) => !sources.has(path))).toEqual([]);
});
