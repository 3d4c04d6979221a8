/**
 * Lints the templates of three environments in two Regions and two accounts, one of them with an MWAA
 * environment of its own and one with an existing key, by cfn-lint: `pip install cfn-lint`, then
 * `npm run lint:templates`. CFN_LINT is its command (default: cfn-lint). Exits with cfn-lint's code.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { addMonitors } from '../../infra/add-monitors.ts';

/** Checks that are not applied, each with its reason. */
const ignored = {
  W3005:
    "The CDK lets every function depend on its role and on the role's policy; the policy is what counts, and the role is named beside it for nothing.",
} as const;

const notify = 'notify: { email: [oncall@example.com] }';
const files = {
  alpha: `account: '111122223333'\nregion: eu-west-1\nairflow: { airflowVersion: 3.0.6, dagWriters: ['arn:aws:iam::111122223333:role/pipeline'] }`,
  beta: `account: '111122223333'\nregion: us-east-1`,
  gamma: `account: '444455556666'\nregion: eu-west-1\nkmsKeyArn: arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-0000-4000-8000-000000000001`,
};

const work = mkdtempSync(join(tmpdir(), 'lint-templates-'));
try {
  const folder = join(work, 'environments');
  mkdirSync(folder);
  for (const [name, fields] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.yaml`), `mwaaEnvironment: ${name}\n${fields}\n${notify}\n`);
  }
  const outdir = join(work, 'cdk.out');
  const app = new App({ outdir, context: cdkJson.context });
  addMonitors(app, folder);
  app.synth();
  const templates = globSync(join(outdir, '*.template.json')).toSorted();
  const { status, error } = spawnSync(
    process.env.CFN_LINT ?? 'cfn-lint',
    [
      ...['--regions', 'eu-west-1', 'us-east-1'],
      ...['--ignore-checks', ...Object.keys(ignored), '--', ...templates],
    ],
    { stdio: 'inherit' },
  );
  if (error !== undefined) {
    throw new Error('cfn-lint cannot be run: pip install cfn-lint, or set CFN_LINT', {
      cause: error,
    });
  }
  for (const [check, reason] of Object.entries(ignored)) console.log(`${check} ignored: ${reason}`);
  if (status === 0) console.log(`cfn-lint finds nothing in ${templates.length} templates.`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true });
}
