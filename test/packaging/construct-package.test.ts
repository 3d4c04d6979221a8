import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { buildConstruct } from '../../packaging/build-construct.ts';
import { projectRoot } from '../../packaging/bundle.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { newApp, withWitness } from '../infra/synthesized.ts';

// Below the project, so that the package finds its peers.
const cache = join(projectRoot, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'construct-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const runbooks = 'https://github.com/example/monitor/blob/0a1b2c/docs/runbooks';
await buildConstruct(folder, runbooks);
const files = globSync('**/*.*', { cwd: folder }).toSorted();
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');

test('the package holds code, declarations, detections, runbooks and licences, and nothing else', () => {
  const kinds = files.map((file) =>
    file
      .replace(/^types\/.*\.d\.ts$/, 'types')
      .replace(/^queries\/[a-z0-9-]+\.yaml$/, 'queries')
      .replace(/^docs\/runbooks\/[a-z0-9-]+\.md$/, 'runbooks'),
  );
  expect([...new Set(kinds)]).toEqual(
    [
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'docs/environments/full.yaml',
      'runbooks',
      'index.js',
      'lambda/index.js',
      'lambda/index.js.map',
      'lambda/witness-handler.js',
      'package.json',
      'queries/detection.schema.json',
      'queries',
      'types',
    ].toSorted((one, other) => kinds.indexOf(one) - kinds.indexOf(other)),
  );
  expect(textOf('LICENSE')).toContain('Apache License');
});

test('an app brings its own CDK, and the package brings nothing', () => {
  const manifest = JSON.parse(textOf('package.json'));
  expect(manifest).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    license: 'Apache-2.0',
    engines: { node: expect.stringMatching(/^>=20/) },
    peerDependencies: { 'aws-cdk-lib': expect.any(String), constructs: expect.any(String) },
  });
  expect(manifest).not.toHaveProperty('dependencies');
  for (const path of [manifest.main, manifest.types, manifest.exports['.'].types]) {
    expect(files).toContain(join(path));
  }
  const required = [...textOf('index.js').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id);
  const builtin = createRequire(import.meta.url)('node:module').isBuiltin;
  expect(
    required.filter((id) => !builtin(id) && !/^(aws-cdk-lib\/|constructs$)/.test(id ?? '')),
  ).toEqual([]);
});

test('its README names props and properties that the declarations have', () => {
  const declared = files
    .filter((file) => file.startsWith('types/'))
    .map(textOf)
    .join('\n');
  const shown = [...textOf('README.md').matchAll(/`(\w+)(?:\([^)]*\))?`/g)].map(([, name]) => name);
  expect(shown).toEqual(expect.arrayContaining(['findingsTopic', 'alarm', 'dashboard']));
  for (const name of shown) expect(declared).toMatch(new RegExp(`\\b${name}\\b`));
});

test('every library in the bundles is named with its licence', () => {
  const licences = textOf('THIRD-PARTY-LICENSES.txt');
  for (const library of ['zod', 'yaml', 're2js', '@aws-sdk/client-dynamodb', '@smithy/core']) {
    expect(licences).toMatch(new RegExp(`^${library} \\d.* \\((MIT|ISC|Apache-2.0)\\)$`, 'm'));
  }
  expect(licences).not.toMatch(/\((undefined|A?L?GPL.*|UNLICENSED)\)$/m);
});

test.each([
  ['without an address of runbooks', {}],
  ['with an undefined one', { runbookBaseUrl: undefined }],
  ['with a second witness, whose code it brings along,', withWitness],
])(
  'the packed construct %s gives the template of this project, with links to its runbooks',
  (_case, props) => {
    const { MwaaPrivilegeMonitor } = createRequire(import.meta.url)(join(folder, 'index.js'));
    const notify = { email: ['oncall@example.com'] };
    const stack = new Stack(newApp(), 'Monitor');
    new MwaaPrivilegeMonitor(stack, 'Default', { environmentName: 'prod', notify, ...props });
    const own = new MonitorStack(newApp(), 'Monitor', {
      config: {
        ...environmentSchema.parse({ mwaaEnvironment: 'prod', notify, ...props }),
        runbookBaseUrl: runbooks,
      },
      detections: loadDetections(),
    });
    const { Description: _, ...expected } = Template.fromStack(own).toJSON();
    expect(Template.fromStack(stack).toJSON()).toEqual(expected);
  },
);
